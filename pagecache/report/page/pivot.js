"use strict";
// The table of a sweep, grouped by two columns: each place of the pivot is a mean, or the like, of
// the cells that have its row and its column. Everything is in the page; nothing is fetched.
const table = JSON.parse(document.getElementById("table").textContent);
const WAYS = {
  mean: (v) => v.reduce((a, b) => a + b, 0) / v.length,
  median: (v) => middle([...v].sort((a, b) => a - b)),
  least: (v) => v.reduce((a, b) => Math.min(a, b)),
  most: (v) => v.reduce((a, b) => Math.max(a, b)),
  sum: (v) => v.reduce((a, b) => a + b, 0),
  cells: (v) => v.length,
};
const chosen = Object.fromEntries(["rows", "columns", "value", "of"].map(
  (id) => [id, document.getElementById(id)]));
const filters = {};

function middle(sorted) {
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
function said(name, value) {  // bytes in the largest unit that leaves no fraction
  if (!["size", "memory"].includes(name) || typeof value !== "number" || value === 0) return value;
  let [bytes, unit] = [value, 0];
  for (; bytes % 1024 === 0 && unit < 4; unit += 1) bytes /= 1024;
  return `${bytes.toLocaleString("en")} ${["B", "KiB", "MiB", "GiB", "TiB"][unit]}`;
}
function fill(select, names, first, text = (name) => name) {
  select.replaceChildren(...names.map((name) => new Option(text(name), name)));
  select.value = names.includes(first) ? first : names[0];
  select.addEventListener("change", draw);
}
function distinct(name) {
  const values = [...new Set(table.columns[name])];
  return values.every((v) => typeof v === "number") ? values.sort((a, b) => a - b) : values;
}
function addFilter(name) {
  const label = document.createElement("label");
  const select = document.createElement("select");
  label.append(`${name} `, select);
  document.getElementById("filters").append(label);
  fill(select, ["all", ...distinct(name)], "all", (value) => said(name, value));
  filters[name] = select;
}
function kept(row) {
  return Object.entries(filters).every(([name, select]) =>
    select.value === "all" || String(table.columns[name][row]) === select.value);
}
function groups(rows, columns, value) {
  const found = new Map();
  for (let row = 0; row < table.length; row += 1) {
    const number = table.columns[value][row];
    if (number === null || !kept(row)) continue;
    const key = `${table.columns[rows][row]}\n${table.columns[columns][row]}`;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(number);
  }
  return found;
}
function cell(tag, text, scope) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (scope) made.scope = scope;
  return made;
}
function shown(number) {
  return Number.isInteger(number) ? number.toLocaleString("en") : Number(number.toPrecision(4)).toLocaleString("en", { maximumSignificantDigits: 4 });
}
function draw() {
  const [rows, columns, value, of] = ["rows", "columns", "value", "of"].map((id) => chosen[id].value);
  const found = groups(rows, columns, value);
  const numbers = new Map([...found].map(([key, list]) => [key, WAYS[of](list)]));
  const most = [...numbers.values()].reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const across = distinct(columns);
  const head = document.createElement("tr");
  head.append(cell("th", `${rows} \\ ${columns}`), ...across.map((other) => cell("th", said(columns, other), "col")));
  const body = distinct(rows).map((name) => {
    const line = document.createElement("tr");
    line.append(cell("th", said(rows, name), "row"), ...across.map((other) => {
      const number = numbers.get(`${name}\n${other}`);
      const made = cell("td", number === undefined ? "-" : shown(number));
      if (number !== undefined && most) {
        const share = Math.round((60 * Math.abs(number)) / most);
        made.style.background = `color-mix(in srgb, #3b7dd8 ${share}%, transparent)`;
      }
      return made;
    }));
    return line;
  });
  document.getElementById("pivot").replaceChildren(head, ...body);
  const count = [...found.values()].reduce((total, list) => total + list.length, 0);
  document.getElementById("note").textContent =
    `${of} of ${value} over ${count.toLocaleString("en")} cells; - where no cell has a value.`;
}
fill(chosen.rows, table.choices, table.first.rows);
fill(chosen.columns, table.choices, table.first.columns);
fill(chosen.value, table.values, table.first.value);
fill(chosen.of, Object.keys(WAYS), "mean");
table.choices.forEach(addFilter);
draw();
