package source

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imgtui/imgtui/model"
)

func TestStepsCostManifestAndConfigAlone(t *testing.T) {
	f := serveRegistry(t)
	p := f.push(t, "1", "amd64", "content of a")
	img := mustOpen(t, f.host+"/acct/app:1", Options{})
	want := []string{"GET /v2/acct/app/manifests/1", "GET /v2/acct/app/blobs/" + p.configID}
	if diff := cmp.Diff(want, f.requests()); diff != "" {
		t.Error(diff)
	}
	if string(img.Digest) != p.manifestID || string(img.ID) != p.configID || img.Source != "registry" ||
		len(img.Steps) != 1 || img.Steps[0].CreatedBy != "ADD a" {
		t.Errorf("got %+v", img.Image)
	}
	if img.Blobs[0].Size != int64(len(p.layer)) || string(img.Blobs[0].Digest) != p.id {
		t.Errorf("got %+v", img.Blobs[0])
	}
	checkBlob(t, img.Blobs[0], "content of a")
	if diff := cmp.Diff([]string{"GET /v2/acct/app/blobs/" + p.id}, f.requests()); diff != "" {
		t.Error(diff)
	}
}

func TestAnIndexCostsOneRequestMore(t *testing.T) {
	f := serveRegistry(t)
	arm, amd := f.push(t, "arm", "arm64", "of arm"), f.push(t, "amd", "amd64", "of amd")
	f.put(t, "manifests", "many", ociIndex, indexOf(t, map[string]pushed{"linux/arm64": arm, "linux/amd64": amd}))
	img := mustOpen(t, "registry://"+f.host+"/acct/app:many",
		Options{Platform: model.Platform{OS: "linux", Architecture: "arm64"}})
	want := []string{
		"GET /v2/acct/app/manifests/many", "GET /v2/acct/app/manifests/" + arm.manifestID,
		"GET /v2/acct/app/blobs/" + arm.configID,
	}
	if diff := cmp.Diff(want, f.requests()); diff != "" {
		t.Error(diff)
	}
	checkBlob(t, img.Blobs[0], "of arm")
}

func TestAnIndexWithoutThePlatformSaysWhatItHas(t *testing.T) {
	f := serveRegistry(t)
	f.put(t, "manifests", "many", ociIndex, indexOf(t, map[string]pushed{
		"linux/sparc64": f.push(t, "a", "sparc64", "a"), "linux/mips": f.push(t, "b", "mips", "b"),
	}))
	_, err := Open(t.Context(), f.host+"/acct/app:many", Options{})
	var several *AmbiguousError
	if !errors.As(err, &several) || len(several.Choices) != 2 {
		t.Errorf("got %v, want two choices", err)
	}
}

func TestAWrongManifestIsSaid(t *testing.T) {
	f := serveRegistry(t)
	p := f.push(t, "1", "amd64", "a")
	lie := "sha256:" + strings.Repeat("0", 64)
	f.gate = func(w http.ResponseWriter, r *http.Request) bool {
		r.URL.Path = strings.Replace(r.URL.Path, lie, p.manifestID, 1)
		return false
	}
	img := mustOpen(t, f.host+"/acct/app@"+lie, Options{})
	want := fmt.Sprintf("the registry served %s when asked for %s", p.manifestID, lie)
	if len(img.Warnings) == 0 || img.Warnings[0].Text != want {
		t.Errorf("got %v, want %s", img.Warnings, want)
	}
}

func TestAConfigThatIsGoneLeavesTheLayers(t *testing.T) {
	f := serveRegistry(t)
	layer := tarOf(t, "a", "still here")
	id := f.put(t, "blobs", "", "", layer)
	gone := "sha256:" + strings.Repeat("1", 64)
	f.put(t, "manifests", "1", ociManifest, manifestOf(t, gone, map[string]any{
		"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": id, "size": len(layer),
	}))
	img := mustOpen(t, f.host+"/acct/app:1", Options{})
	if len(img.Blobs) != 1 || len(img.Warnings) == 0 {
		t.Fatalf("got %d layers, warnings %v", len(img.Blobs), img.Warnings)
	}
	r, err := img.Blobs[0].Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
}

func TestAnArtifactIsOpenedAndSaidToBeNoImage(t *testing.T) {
	f := serveRegistry(t)
	layer := tarOf(t, "Chart.yaml", "name: chart")
	id := f.put(t, "blobs", "", "", layer)
	config := f.put(t, "blobs", "", "", []byte(`{"name":"chart","version":"1"}`))
	body := manifestOf(t, config, map[string]any{
		"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar", "digest": id, "size": len(layer),
	})
	const helm = "application/vnd.cncf.helm.config.v1+json"
	f.put(t, "manifests", "1", ociManifest, bytes.Replace(body, []byte(ociConfig), []byte(helm), 1))
	img := mustOpen(t, f.host+"/acct/app:1", Options{})
	want := "it is no image but an artifact of type " + helm
	if len(img.Blobs) != 1 || len(img.Warnings) == 0 || img.Warnings[0].Text != want {
		t.Errorf("got %d layers, warnings %v", len(img.Blobs), img.Warnings)
	}
}

func TestSchema1IsRefusedInWords(t *testing.T) {
	f := serveRegistry(t)
	f.gate = func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws")
		fmt.Fprint(w, `{"schemaVersion":1,"name":"acct/app","fsLayers":[]}`)
		return true
	}
	_, err := Open(t.Context(), "registry://"+f.host+"/acct/app", Options{})
	if err == nil || !strings.Contains(err.Error(), "manifest of schema 1") {
		t.Errorf("got %v", err)
	}
}

func TestEachRefusalIsOneLineWithAHint(t *testing.T) {
	f := serveRegistry(t)
	for _, c := range []struct {
		status     int
		body       string
		want, hint string
	}{
		{401, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`,
			"401: no such repository, or it needs a login: authentication required", "docker login " + f.host},
		{403, `<html>no</html>`, "403: access denied", "docker login " + f.host},
		{404, `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest\nunknown"}]}`,
			"404: no such image: manifest unknown", ""},
		{429, `{"errors":[{"code":"TOOMANYREQUESTS","message":"slow \u001b[1mdown"}]}`,
			"429: too many requests: slow [1mdown", "docker login"},
		{503, ``, "503 Service Unavailable", ""},
	} {
		f.gate = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/v2/" {
				return false
			}
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
			return true
		}
		_, err := Open(t.Context(), "registry://"+f.host+"/acct/app:1", Options{})
		want := fmt.Sprintf("open registry://%s/acct/app:1: %s: %s", f.host, f.host, c.want)
		if err == nil || err.Error() != want || !strings.Contains(Hint(err), c.hint) {
			t.Errorf("%d: got %v (hint %q), want %s (hint %q)", c.status, err, Hint(err), want, c.hint)
		}
	}
}

func TestAHostThatDoesNotAnswerIsOneLine(t *testing.T) {
	f := serveRegistry(t)
	f.stop()
	_, err := Open(t.Context(), "registry://"+f.host+"/acct/app:1", Options{})
	want := fmt.Sprintf("open registry://%s/acct/app:1: %s: dial tcp %s: connect: connection refused",
		f.host, f.host, f.host)
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// wantLogin answers 401 to whoever does not come as me with secret.
func (f *fakeRegistry) wantLogin(challenge string, allowed func(*http.Request) bool) {
	f.gate = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/token" {
			return token(w, r)
		}
		if allowed(r) {
			return false
		}
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
}

// token gives a token to me with secret.
func token(w http.ResponseWriter, r *http.Request) bool {
	if user, password, _ := r.BasicAuth(); user != "me" || password != "secret" {
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	fmt.Fprintf(w, `{"token":"for %s"}`, r.URL.Query().Get("scope"))
	return true
}

func basic(r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	return user == "me" && password == "secret"
}

func bearer(r *http.Request) bool {
	return r.Header.Get("Authorization") == "Bearer for repository:acct/app:pull"
}

func TestStoredCredentialsOpenAPrivateRepository(t *testing.T) {
	f := serveRegistry(t)
	f.push(t, "1", "amd64", "private")
	write(t, filepath.Join(os.Getenv("HOME"), ".docker/config.json"),
		fmt.Sprintf(`{"auths":{%q:{"auth":"bWU6c2VjcmV0"}}}`, f.host))
	f.wantLogin(`Basic realm="r"`, basic)
	checkBlob(t, mustOpen(t, f.host+"/acct/app:1", Options{}).Blobs[0], "private")
	f.wantLogin(fmt.Sprintf(`Bearer realm="http://%s/token",service="s"`, f.host), bearer)
	checkBlob(t, mustOpen(t, f.host+"/acct/app:1", Options{}).Blobs[0], "private")
}

func TestACredentialHelperIsAsked(t *testing.T) {
	f := serveRegistry(t)
	f.push(t, "1", "amd64", "private")
	f.wantLogin(`Basic realm="r"`, basic)
	home := os.Getenv("HOME")
	helper := filepath.Join(home, "bin/docker-credential-made")
	write(t, helper, "#!/bin/sh\nread host\n"+
		`echo "{\"ServerURL\":\"$host\",\"Username\":\"me\",\"Secret\":\"secret\"}"`+"\n")
	if err := os.Chmod(helper, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Dir(helper)+":"+os.Getenv("PATH"))
	write(t, filepath.Join(home, ".docker/config.json"), fmt.Sprintf(`{"credHelpers":{%q:"made"}}`, f.host))
	checkBlob(t, mustOpen(t, f.host+"/acct/app:1", Options{}).Blobs[0], "private")
}

func TestAWrongPasswordIsARefusal(t *testing.T) {
	f := serveRegistry(t)
	f.push(t, "1", "amd64", "private")
	f.wantLogin(fmt.Sprintf(`Bearer realm="http://%s/token",service="s"`, f.host), bearer)
	_, err := Open(t.Context(), "registry://"+f.host+"/acct/app:1", Options{})
	if err == nil || !strings.Contains(err.Error(), "401: no such repository, or it needs a login") {
		t.Errorf("got %v", err)
	}
}

func TestForeignLayersAreFetchedFromTheirURLs(t *testing.T) {
	f := serveRegistry(t)
	layer := tarOf(t, "a", "from elsewhere")
	config := f.put(t, "blobs", "", "", fmt.Appendf(nil,
		`{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[%q]}}`, sha(layer)))
	f.put(t, "manifests", "1", ociManifest, manifestOf(t, config, map[string]any{
		"mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar", "digest": sha(layer),
		"size": len(layer), "urls": []string{"http://" + f.host + "/elsewhere"},
	}))
	f.gate = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/elsewhere" {
			return false
		}
		w.Write(layer)
		return true
	}
	checkBlob(t, mustOpen(t, f.host+"/acct/app:1", Options{Insecure: true}).Blobs[0], "from elsewhere")
	_, err := mustOpen(t, f.host+"/acct/app:1", Options{}).Blobs[0].Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("without --insecure: got %v, want the registry's 404", err)
	}
}

func TestUnverifiedTLSIsTakenOnlyWhenSaid(t *testing.T) {
	f := serveRegistry(t)
	f.push(t, "1", "amd64", "behind TLS")
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = silent // of the refused handshake
	s.StartTLS()
	defer s.Close()
	host := s.Listener.Addr().String()
	_, err := Open(t.Context(), "registry://"+host+"/acct/app:1", Options{})
	if err == nil || !strings.Contains(err.Error(), "certificate is not trusted") || !strings.Contains(Hint(err), "--insecure") {
		t.Errorf("got %v with hint %q", err, Hint(err))
	}
	checkBlob(t, mustOpen(t, host+"/acct/app:1", Options{Insecure: true}).Blobs[0], "behind TLS")

	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	write(t, filepath.Join(os.Getenv("HOME"), ".config/docker/certs.d", host, "ca.crt"), string(ca))
	checkBlob(t, mustOpen(t, host+"/acct/app:1", Options{}).Blobs[0], "behind TLS")
}
