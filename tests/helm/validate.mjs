// Judges rendered manifests: `node validate.mjs FILE...`. Each document must be valid
// by its kind's OpenAPI schema, which says types, formats and what is required. A key
// that nobody knows is valid there, so the documents are also type-checked as
// literals, where such a key is an error.

import fs from "node:fs";
import ts from "typescript";
import YAML from "yaml";

function packageOf(apiVersion) {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  if (group === "monitoring.coreos.com") {
    return `@kubernetes-models/prometheus-operator/${group}/${version}`;
  }
  return ["kubernetes-models", group, version].filter(Boolean).join("/");
}

const said = [];
const literals = [];
let count = 0;

for (const file of process.argv.slice(2)) {
  const documents = YAML.parseAllDocuments(fs.readFileSync(file, "utf8"));
  for (const parsed of documents) {
    parsed.errors.forEach((error) => said.push(`${file}: ${error.message}`));
    const manifest = parsed.toJS();
    if (!manifest) continue;
    count += 1;
    const name = `${file}: ${manifest.kind} ${manifest.metadata.name}`;
    const from = `${packageOf(manifest.apiVersion)}/${manifest.kind}`;
    const model = (await import(from))[manifest.kind];
    try {
      new model(manifest).validate();
    } catch (error) {
      said.push(`${name}: ${error.message}`);
    }
    const type = `I${manifest.kind}`;
    const json = JSON.stringify(manifest, null, 1);
    const text = `import type { ${type} } from "${from}";\nexport const d: ${type} = ${json};\n`;
    literals.push({ name, path: `${import.meta.dirname}/manifest-${count}.ts`, text });
  }
}

const options = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  target: ts.ScriptTarget.ES2022,
  types: [],
};
const host = ts.createCompilerHost(options);
const { readFile, fileExists, getSourceFile } = host;
const at = (path) => literals.find((literal) => literal.path === path);
host.fileExists = (path) => Boolean(at(path)) || fileExists(path);
host.readFile = (path) => at(path)?.text ?? readFile(path);
host.getSourceFile = (path, language, ...rest) => {
  const literal = at(path);
  return literal
    ? ts.createSourceFile(path, literal.text, language, true)
    : getSourceFile(path, language, ...rest);
};
const program = ts.createProgram(literals.map((literal) => literal.path), options, host);
for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
  const name = at(diagnostic.file?.fileName ?? "")?.name ?? "";
  said.push(`${name}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n  ")}`);
}

if (said.length > 0 || count === 0) {
  console.error(said.join("\n") || "no manifest");
  process.exit(1);
}
console.log(`${count} manifests are valid`);
