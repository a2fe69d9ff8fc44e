/* Tables that can be sorted, filtered and saved. Without this script they are whole, as they stand. */
"use strict";

const WORDS = document.querySelector("main").dataset; /* in the language of the page */

function sortable(text) {
  /* The number with which a text begins. */
  const plain = text.replace(/[,\u00a0]/g, "");
  const found = plain.match(/^[<\s]*([-+]?\d+(\.\d+)?(e[-+]?\d+)?)(?![\w.])/i);
  return found ? Number(found[1]) : null;
}

function compare(a, b) {
  const [one, other] = [sortable(a), sortable(b)];
  if (one !== null && other !== null) return one - other;
  if (one !== null) return -1;
  if (other !== null) return 1;
  return natural(a, b);
}

function natural(a, b) {
  /* L2(1e-05) before L2(0.1): the numbers within texts count as numbers. */
  const parts = (text) => text.split(/(\d+(?:\.\d+)?(?:e[-+]?\d+)?)/i);
  const [one, other] = [parts(a), parts(b)];
  for (let place = 0; place < Math.min(one.length, other.length); place += 1) {
    const numbers = place % 2 === 1;
    const difference = numbers
      ? Number(one[place]) - Number(other[place])
      : one[place].localeCompare(other[place]);
    if (difference) return difference;
  }
  return one.length - other.length;
}

function sort(table, place, descending) {
  /* Each body by itself: models of other kinds stay below the candidates. */
  for (const body of table.tBodies) {
    const rows = [...body.rows].map((row) => [row.cells[place].innerText.trim(), row]);
    const nothing = (text) => text === "–" || text === "";
    rows.sort(([a], [b]) =>
      nothing(a) || nothing(b) ? nothing(a) - nothing(b) : descending ? compare(b, a) : compare(a, b));
    body.append(...rows.map(([, row]) => row));
  }
}

function makeSortable(table) {
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, place) => {
    if (!header.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const descending = header.getAttribute("aria-sort") === "ascending";
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(table, place, descending);
    });
  });
}

const [, TO] = WORDS.interval.match(/\}\s*(.*?)\s*\{/); /* between the ends of an interval */
const NUMBER = new RegExp(
  `^[-+]?[\\d.,]+(e[-+]?\\d+)?( %)?(( ±| ${TO}|,)[\\s\u00a0][-+]?[\\d.,]+(e[-+]?\\d+)?)?$`, "iu");

function cell(text) {
  /* A spreadsheet would take a name that begins so for a formula. */
  const value = /^[=+@\t-]/.test(text) && !NUMBER.test(text) ? "'" + text : text;
  return /[",\n]/.test(value) ? '"' + value.replaceAll('"', '""') + '"' : value;
}

function csv(table) {
  const line = (row) =>
    [...row.cells].map((one) => cell((one.dataset.text ?? one.textContent).replace(/\s+/g, " ").trim())).join(",");
  return [...table.rows].map(line).join("\r\n") + "\r\n";
}

function save(table) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff" + csv(table)], { type: "text/csv" }));
  link.download = table.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function addTools(table) {
  const tools = document.createElement("div");
  tools.className = "tools";
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  if (rows.length > 5) {
    const label = document.createElement("label");
    const field = document.createElement("input");
    const count = document.createElement("span");
    field.type = "search";
    count.setAttribute("role", "status");
    label.append(`${WORDS.filter} `, field);
    field.addEventListener("input", () => {
      const wanted = field.value.toLowerCase();
      rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
      const shown = rows.filter((row) => !row.hidden).length;
      count.textContent = wanted ? WORDS.shown.replace("{shown}", shown).replace("{count}", rows.length) : "";
    });
    tools.append(label, count);
  }
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = WORDS.save;
  button.addEventListener("click", () => save(table));
  tools.append(button);
  table.closest(".scroll").before(tools);
}

for (const table of document.querySelectorAll("table[data-file]")) {
  makeSortable(table);
  addTools(table);
}

/* Print shows everything. */
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details:not([open])")) {
    part.open = true;
    part.dataset.folded = "";
  }
});
addEventListener("afterprint", () => {
  for (const part of document.querySelectorAll("details[data-folded]")) {
    part.open = false;
    delete part.dataset.folded;
  }
});
