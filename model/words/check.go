package words

// Check holds what is said of one judgement: its finding in a sentence, what is
// behind it, an example of how to write it, and what the fix does.
type Check struct{ Text, Doc, Example, Fix string }

// checksEnglish is what the checks say, by their name.
var checksEnglish = map[string]Check{
	"image-name-case": {
		Text:    "%s: no image is named with capital letters; %s is meant",
		Doc:     "The repository in an image's name is in lower case. BuildKit refuses the build before it begins.",
		Example: "FROM ubuntu:24.04",
		Fix:     "write the name in lower case",
	},
	"entrypoint-assignment": {
		Text:    "%s: %s stands where the program is looked for; set it by ENV and start %s alone",
		Doc:     "In the exec form the first word is the program, so that the container does not start. In the shell form a shell sets the variable and stays between the container's signals and the program.",
		Example: "ENV FLASK_APP=/opt/app.py\nENTRYPOINT [\"flask\", \"run\"]",
		Fix:     "set the variable by ENV and start the program without a shell",
	},
	"install-asks": {
		Text:    "%s waits for an answer that nobody gives; add %s",
		Doc:     "A build has no keyboard. The package manager asks whether to go on, reads the end of its input and gives up.",
		Example: "RUN apt-get update && apt-get install -y python3",
		Fix:     "add the flag that answers yes",
	},
	"update-alone": {
		Text:    "%s has a layer of its own, and line %s installs from it: once it is in the cache the lists stay old",
		Doc:     "The engine keeps the layer with the lists as long as its line does not change. Packages that are asked for weeks later are looked up in old lists, and may be gone.",
		Example: "RUN apt-get update && apt-get install -y python3",
		Fix:     "fetch the lists in the RUN that installs",
	},
	"copy-before-install": {
		Text:    "each change of the sources runs line %s again%s: install first, copy the sources below",
		Doc:     "A layer is kept as long as all beneath it is the same. What changes often stands last; what the install needs (a lock file, a list of requirements) can be copied by itself before it.",
		Example: "COPY requirements.txt /opt/\nRUN pip install -r /opt/requirements.txt\nCOPY . /opt/source-code",
		Fix:     "copy the sources below the install",
	},
	"removed-later": {
		Text:    "what is removed here stays in the layer that added it%s: remove it in the same RUN",
		Doc:     "A layer can hide files of the layers beneath it, and cannot take them away: they are still stored, sent and loaded.",
		Example: "RUN apt-get update && apt-get install -y python3 && rm -rf /var/lib/apt/lists/*",
		Fix:     "join it with the RUN before",
	},
	"copy-all": {
		Text:    "the whole context is copied (%s), %s among it (%s): name it in .dockerignore",
		Doc:     "COPY . takes all that .dockerignore does not keep out. Any change in it makes this step and those after it run again.",
		Example: ".dockerignore:\n.git\nnode_modules",
	},
	"secret-copied": {
		Text:    "%s looks like a secret, and whoever has the image can read it: use a secret mount",
		Doc:     "A file that was once copied is in a layer, even if a later step removes it.",
		Example: "RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci",
	},
	"cache-mount": {
		Text:    "a cache mount on %s would keep this out of the layer and have it ready for the next build",
		Doc:     "What a cache mount holds is no part of the image, and stays with the engine between builds: nothing to clean, and less to fetch.",
		Example: "RUN --mount=type=cache,target=/root/.cache/pip pip install flask",
	},
}
