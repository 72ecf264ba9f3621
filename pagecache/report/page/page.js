"use strict";
// A table sorts by the column whose head is pressed; pressed again, the other way round. A cell
// that has no value stays at the end either way.
function sortBy(table, column, head) {
  const up = head.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
  const rows = [...table.tBodies[0].rows].map((row) => ({ row, key: key(row) }));
  rows.sort((a, b) => compare(a.key, b.key, up ? 1 : -1));
  table.tBodies[0].append(...rows.map(({ row }) => row));
}
function compare(a, b, way) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const [x, y] = [Number(a), Number(b)];
  return way * (Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y);
}
for (const table of document.querySelectorAll("table.sorts")) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => sortBy(table, column, head));
  });
}
