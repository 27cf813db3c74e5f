"use strict";

// The page is what openapi.json says, and nothing besides.

function element(name, ...content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}

function list(entries) {
  const made = element("dl");
  for (const [term, text] of entries) made.append(element("dt", element("code", term)), element("dd", text));
  return made;
}

function about(schema) {
  const parts = [];
  if (schema?.enum) parts.push(schema.enum.join(", "));
  if (schema?.minimum !== undefined) parts.push(`${schema.minimum} to ${schema.maximum}`);
  if (schema?.default !== undefined) parts.push(`default ${schema.default}`);
  return parts.length ? ` (${parts.join("; ")})` : "";
}

function answers(entries) {
  return list(entries.map(([status, one]) => [status, one.description]));
}

function operation(path, method, facts) {
  const name = element("span", method.toUpperCase());
  name.className = "method";
  const section = element("section", element("h2", name, " ", element("code", path)), element("p", facts.summary));
  if (facts.description) section.append(element("p", facts.description));
  const parameters = (facts.parameters ?? []).map((one) => [one.name, `${one.description ?? ""}${about(one.schema)}`]);
  if (parameters.length) section.append(list(parameters));
  // What any address may answer stands at the top, once.
  section.append(answers(Object.entries(facts.responses).filter(([, one]) => !one.$ref)));
  if (facts["x-example"]) section.append(element("pre", facts["x-example"].replaceAll("HOST", location.host)));
  return section;
}

async function show() {
  const main = document.querySelector("main");
  const answer = await fetch("/api/openapi.json");
  const api = await answer.json();
  main.append(element("p", api.info.description), element("p", "Besides its own answers, each address may give"));
  main.append(answers(Object.entries(api.components.responses)));
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, facts] of Object.entries(methods)) main.append(operation(path, method, facts));
  }
}

show();
