/* What both pages share: words for numbers, tables, and the connection to wane watch. */
"use strict";

const byId = (id) => document.getElementById(id);

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const WORDS = JSON.parse(byId("words").textContent);

function filled(text, fields = {}) {
  /* A template with its fields; between Chinese and Latin letters or digits stands a space. */
  const chinese = (character) => /[\u3400-\u9fff]/.test(character);
  const latin = (character) => /[A-Za-z0-9\u00b2%+-]/.test(character);
  const gap = (one, other) => ((chinese(one) && latin(other)) || (latin(one) && chinese(other)) ? " " : "");
  return text.replace(/\{(\w+)\}/g, (field, name, at) => {
    const own = String(fields[name]);
    return gap(text.charAt(at - 1), own.charAt(0)) + own + gap(own.slice(-1), text.charAt(at + field.length));
  });
}

const say = (name, fields) => filled(WORDS[name], fields);

function duration(seconds) {
  if (seconds === null || !Number.isFinite(seconds)) return "–";
  const whole = Math.round(seconds);
  if (whole < 60) return say("seconds", { seconds: whole });
  if (whole < 3600) return say("minutes", { minutes: Math.floor(whole / 60), seconds: whole % 60 });
  const minutes = Math.round(seconds / 60);
  return say("hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

function counted(count, noun) {
  return filled(WORDS.counts[count === 1 ? 0 : 1][noun], { count: count.toLocaleString("en") });
}

function ofAll(known) {
  if (known.total === null || known.total === undefined) return known.done === null ? "–" : known.done.toLocaleString("en");
  const most = known.at_most && known.state !== "finished";
  return say(most ? "ofAtMost" : "of", { done: known.done.toLocaleString("en"), total: known.total.toLocaleString("en") });
}

function fillTable(table, headers, rows) {
  /* Rows are {cells, best, link}; only what differs is written, so that nothing flickers. */
  const head = table.tHead.rows[0] ?? table.tHead.insertRow();
  while (head.cells.length > headers.length) head.lastChild.remove();
  headers.forEach((text, place) => {
    if (!head.cells[place]) {
      const cell = document.createElement("th");
      cell.scope = "col";
      head.append(cell);
    }
    setText(head.cells[place], text);
  });
  const body = table.tBodies[0];
  while (body.rows.length > rows.length) body.lastChild.remove();
  rows.forEach((row, place) => {
    const line = body.rows[place] ?? body.insertRow();
    line.className = row.best ? "best" : "";
    while (line.cells.length > row.cells.length) line.lastChild.remove();
    row.cells.forEach((text, column) => {
      if (!line.cells[column]) {
        const cell = document.createElement(column ? "td" : "th");
        if (!column) cell.scope = "row";
        line.append(cell);
      }
      const cell = line.cells[column];
      if (column === 0 && row.link) {
        const anchor = cell.querySelector("a") ?? document.createElement("a");
        anchor.href = row.link;
        setText(anchor, text);
        if (!anchor.parentNode) cell.replaceChildren(anchor);
      } else {
        setText(cell, text);
      }
    });
  });
}

function follow(show) {
  /* Every version of what is known, as it comes, while the page is seen: a browser opens few
     connections to one address, which pages in other tabs would hold. */
  let events = null;
  let latest = null;
  const begin = () => {
    const own = new EventSource("events");
    events = own;
    own.addEventListener("message", (event) => {
      latest = new Date();
      setText(byId("connection"), "");
      show(JSON.parse(event.data));
    });
    own.addEventListener("error", () => {
      const when = latest === null ? "" : say("asOf", { time: latest.toLocaleTimeString() });
      const gone = own.readyState === EventSource.CLOSED; // it was answered, by a refusal
      const sentences = [say("silent"), when, say(gone ? "gone" : "goesOn")].filter(Boolean);
      setText(byId("connection"), sentences.join(document.documentElement.lang === "en" ? " " : ""));
    });
    own.addEventListener("open", () => setText(byId("connection"), ""));
  };
  document.addEventListener("visibilitychange", () => {
    events?.close();
    events = null;
    if (!document.hidden) begin();
  });
  // The server of --watch stays for a page in another tab that asks.
  setInterval(() => {
    if (document.hidden) fetch("events", { method: "HEAD", cache: "no-store" }).catch(() => {});
  }, 30000);
  if (!document.hidden) begin();
}
