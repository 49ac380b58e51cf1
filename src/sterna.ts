#!/usr/bin/env node
// The `sterna` command. Only this file is loaded by every Node, so it uses nothing new: an old one reads to the end of
// it and learns what is needed, before it meets syntax or modules it does not know.
const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN) {
  process.stderr.write(
    `sterna needs Node.js ${NODE_MAJOR_MIN} or later, but this is ${process.version} (${process.execPath}). ` +
      `Install Node.js ${NODE_MAJOR_MIN}, or start it in the project's folder with: npx sterna\n`,
  );
  process.exitCode = 2;
} else {
  await import("./main.ts");
}
