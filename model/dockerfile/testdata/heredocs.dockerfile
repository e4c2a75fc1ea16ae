FROM debian:12
RUN <<EOF
set -e
# no comment of the Dockerfile
apt-get update

apt-get install -y \
  curl
EOF

COPY <<-"raw" <<plain /etc/app/
	$not expanded
	raw
${expanded}
plain
RUN <<A cat && echo "<<no" && cat <<< word
FROM x
A
# the end
