package main

import "strings"

// commands is every command in the order in which help lists them; the first
// is what runs without a name.
func commands() []command {
	return []command{
		{name: "imgtui", args: "[flags] [IMAGE [CONTEXT]]", does: "Show what is in a container image, layer by layer", max: 2,
			flags: flags(imageFlags, draftFlags, optionFlags, stepsFlag, engineFlag, liveFlag, screenFlags, showFlag), run: (*call).explore, long: exploreLong, document: imagesJSON{}},
		{name: "history", args: "[flags] IMAGE", does: "List the steps of an image as docker history does", min: 1, max: 1,
			flags: flags(imageFlags, historyFlags, rowsFlag), run: (*call).history, long: historyLong},
		{name: "inspect", args: "[flags] IMAGE", does: "Tell config, steps, digests, platform and warnings of an image", min: 1, max: 1,
			flags: flags(imageFlags, jsonFlag), run: (*call).inspect, document: inspectJSON{}},
		{name: "ls", args: "[flags] IMAGE [PATH]", does: "List a directory of the root after a step", min: 1, max: 2,
			flags: flags(imageFlags, stepFlag, listFlags, jsonFlag), run: (*call).ls, document: entriesJSON{}},
		{name: "tree", args: "[flags] IMAGE [PATH]", does: "Draw all beneath a directory of the root after a step", min: 1, max: 2,
			flags: flags(imageFlags, stepFlag, listFlags, treeFlags, jsonFlag), run: (*call).tree, document: entriesJSON{}},
		{name: "cat", args: "[flags] IMAGE PATH", does: "Write the content of a file to standard output", min: 2, max: 2,
			flags: flags(imageFlags, stepFlag), run: (*call).cat},
		{name: "cp", args: "[flags] IMAGE PATH... FOLDER", does: "Extract files, never outside of the folder", min: 3, max: -1,
			flags: flags(imageFlags, stepFlag, jsonFlag), run: (*call).cp, document: extractedJSON{}},
		{name: "stat", args: "[flags] IMAGE PATH", does: "Tell all about a path, and which steps touch it", min: 2, max: 2,
			flags: flags(imageFlags, stepFlag, jsonFlag), run: (*call).stat, document: statJSON{}},
		{name: "diff", args: "[flags] IMAGE [--step N] | A B", does: "List the files that a step changed, or that differ between two images", min: 1, max: 2,
			flags: flags(imageFlags, stepFlag, diffFlags, jsonFlag), run: (*call).diff, long: diffLong, document: diffJSON{}},
		{name: "waste", args: "[flags] IMAGE", does: "List the bytes that an image carries and never shows", min: 1, max: 1,
			flags: flags(imageFlags, listFlags, jsonFlag), run: (*call).waste, document: wasteJSON{}},
		{name: "dockerfile", args: "[flags] IMAGE", does: "Write a Dockerfile that tells what an image's history tells", min: 1, max: 1,
			flags: flags(imageFlags, jsonFlag), run: (*call).dockerfile, long: dockerfileLong, document: dockerfileJSON{}},
		{name: "plan", args: "[flags] [CONTEXT]", does: "Foretell what a rebuild would keep, run and add", max: 1,
			flags: flags(draftFlags, planFlags, imageFlags, jsonFlag), run: (*call).plan, long: planLong, document: planJSON{}},
		{name: "build", args: "[flags] [CONTEXT]", does: "Build a Dockerfile with BuildKit, and bring the image where it is wanted", max: 1,
			flags: flags(draftFlags, buildFlags, engineFlag, insecureFlag, jsonFlag), run: (*call).runBuild, long: buildLong, document: buildJSON{}},
		{name: "push", args: "[flags] IMAGE [REFERENCE]", does: "Push an image from anywhere to a registry: the blobs that it lacks", min: 1, max: 2,
			flags: flags(imageFlags, jsonFlag), run: (*call).push, long: pushLong, document: putJSON{}},
		{name: "save", args: "[flags] IMAGE -o FILE", does: "Write an image from anywhere to an archive", min: 1, max: 1,
			flags: flags(imageFlags, saveFlags, jsonFlag), run: (*call).save, long: saveLong, document: putJSON{}},
		{name: "engines", args: "[flags]", does: "List the BuildKits that there are: versions, what each cannot do, and why not",
			flags: flags(engineFlag, jsonFlag), run: (*call).engines, document: enginesJSON{}},
		{name: "cache", args: "[flags] [" + strings.Join(cacheNames(), "|") + "]", does: "Tell what is kept of layers that were read, and remove some", max: 1,
			flags: flags(cacheFlags, jsonFlag), run: (*call).cache, long: cacheLong, document: cacheJSON{}},
		{name: "demo", args: "[flags]", does: "Show the built-in sample image; needs no network and no engine",
			flags: flags(screenFlags, rowsFlag), run: (*call).demo},
		{name: "completion", args: strings.Join(shellNames(), "|"), does: "Write a shell's completion script", min: 1, max: 1, run: (*call).completion},
		{name: "man", does: "Write the manual page", run: (*call).man},
		{name: "version", does: "Tell which imgtui this is", flags: flags(jsonFlag), run: (*call).version, document: versionJSON{}},
		{name: "help", args: "[COMMAND]", does: "Tell about a command", max: 1, run: (*call).help},
	}
}
