/* The page of one study. */
"use strict";

const MOST_TICKS = 8;
let known = null;
let arrived = 0;
const curves = new Map(); // by candidate: {key, data, asked}

const baselinePlace = 0;
const numberOf = (candidate, part) => candidate.values[`${part}_${byId("column").value}`] ?? null;
const wordsOf = (candidate, part) => candidate.words[`${part}_${byId("column").value}`] ?? "–";
const hasChosen = () => known.state === "finished" && known.chosen;
const bestWords = () => say(hasChosen() ? "chosen" : "best");
const onValidation = () => say("validation", { metric: columnLabel() });
const columnLabel = () => byId("column").selectedOptions[0]?.textContent ?? "";
const shownPlace = () => {
  const chosen = byId("candidate").value;
  return chosen === "" ? (known.best ?? baselinePlace) : Number(chosen);
};

function fillOptions(select, options) {
  /* Options are [value, words]; what was chosen stays chosen. */
  const same = select.options.length === options.length &&
    options.every(([value, words], at) => select.options[at].value === value && select.options[at].textContent === words);
  if (same) return;
  const before = select.value;
  select.replaceChildren(...options.map(([value, words]) => new Option(words, value)));
  if (options.some(([value]) => value === before)) select.value = before;
}

function stateText() {
  const { sizes, retrained } = known.further ?? { sizes: 0, retrained: 0 };
  const further = [
    sizes ? say("onFewerRows", { runs: counted(sizes, "run") }) : "",
    retrained ? say("underWeights", { runs: counted(retrained, "run") }) : "",
  ].filter(Boolean).join(WORDS.comma);
  return {
    waiting: say("waitingText"),
    training: known.under_way ? say("underWay", { runs: counted(known.under_way, "run") }) : "",
    evaluating: further ? say("evaluatingFurther", { further }) : say("evaluatingText"),
    finished: "",
    interrupted: say("interruptedText"),
    unreadable: known.error,
  }[known.state] ?? "";
}

function showProgress() {
  const state = byId("state");
  setText(state, WORDS.states[known.state]);
  state.className = `badge ${known.state}`;
  setText(byId("state-text"), stateText());
  setText(byId("about"), known.epochs ? say("about", { folder: known.folder, candidates: counted(known.candidates.length, "candidate"), epochs: counted(known.epochs, "epoch") }) : say("folder", { folder: known.folder }));
  const bar = byId("bar");
  bar.max = known.total || 1;
  bar.value = known.state === "finished" ? bar.max : known.done;
  setText(byId("runs"), ofAll(known));
  showTime();
  const pace = known.pace ?? null;
  setText(byId("pace"), pace === null ? "–" : pace >= 0.1 ? say("perSecond", { pace: pace.toPrecision(2) }) : say("perMinute", { pace: (60 * pace).toPrecision(2) }));
  const best = known.best === null || known.best === undefined ? null : known.candidates[known.best];
  const own = (known.columns ?? []).find((column) => column.name === known.select_by);
  setText(byId("best-label"), bestWords());
  setText(byId("best"), best ? best.name : "–");
  setText(byId("best-value"), best ? say("metricValue", { metric: say("validation", { metric: own.label }), value: best.words[`validation_${known.select_by}`] }) : "");
  byId("answer").hidden = !known.answer;
  setText(byId("answer"), known.answer ?? "");
  byId("report").hidden = !known.report;
}

function showTime() {
  if (known === null) return;
  const left = known.left === null || known.left === undefined ? null : Math.max(known.left - (performance.now() - arrived) / 1000, 0);
  setText(byId("left"), left === null ? "–" : duration(left));
}

function seriesOf() {
  /* Candidates with a place on the axis of strengths, by series; the others beside them. */
  const series = new Map();
  const others = [];
  known.candidates.forEach((candidate, at) => {
    if (candidate.of === 0) return;
    const onAxis = candidate.series !== "" || at === baselinePlace;
    if (!onAxis) others.push([candidate, at]);
    else series.set(candidate.series, [...(series.get(candidate.series) ?? []), [candidate, at]]);
  });
  for (const own of series.values()) own.sort(([a], [b]) => a.strength - b.strength);
  return [series, others];
}

function endsOf(candidates, log) {
  const found = candidates.map((candidate) => numberOf(candidate, "validation")).filter(Boolean);
  return padded(found.flatMap(([mean, deviation]) => [mean, mean - deviation, mean + deviation]), log);
}

function drawBar(chart, at, [mean, deviation], kind, floor) {
  const [low, high] = [chart.y(mean - deviation) ?? floor, chart.y(mean + deviation)];
  chart.add("line", { class: `bar ${kind}`, x1: place(at), x2: place(at), y1: place(low), y2: place(high) });
}

function drawStrengths() {
  const container = byId("strengths");
  const [series] = seriesOf();
  const all = [...series.values()].flat().map(([candidate]) => candidate);
  const means = all.map((one) => numberOf(one, "validation")?.[0] ?? null);
  const log = byId("column").value === "data_loss" && spansDecades(means);
  const strengths = all.map((one) => one.strength).filter((one) => one > 0);
  const best = known.best === null || known.best === undefined ? null : known.candidates[known.best];
  const label = say(best ? (hasChosen() ? "strengthsChosen" : "strengthsBest") : "strengthsNone", {
    metric: columnLabel(), candidates: counted(all.length, "candidate"), name: best?.name, value: best && wordsOf(best, "validation"),
  });
  const chart = new Chart(container, label, container.clientWidth < 500 ? 260 : 320, { ends: endsOf(all, log), log, title: onValidation() });
  const low = strengths.length ? Math.min(...strengths) : 1;
  const high = strengths.length ? Math.max(...strengths) : 1;
  const none = chart.left + 24;
  const first = strengths.length ? none + 0.12 * (chart.right - none) : none;
  const x = scale(low, high, low === high ? (first + chart.right) / 2 : first, chart.right - 14, true);
  chart.tick(none, say("none"));
  const ticks = strengths.length ? logTicks(low, high, Math.min(MOST_TICKS, (chart.right - first) / 60)) : [];
  for (const tick of ticks) if (x(tick.value) - none > 40) chart.tick(x(tick.value), tick.label);
  chart.xTitle(say("strength"));
  const baseline = numberOf(known.candidates[baselinePlace] ?? { values: {} }, "validation");
  if (baseline) {
    const at = place(chart.y(baseline[0]));
    chart.add("line", { class: "level", x1: none, x2: chart.right, y1: at, y2: at });
  }
  const legend = [];
  let count = 0;
  for (const [name, own] of series) {
    const kind = name === "" ? "ink" : `s${count % 6}`;
    const shape = name === "" ? 0 : count;
    if (name !== "") {
      legend.push([name, `line ${kind}`]);
      count += 1;
    }
    const drawn = own.filter(([candidate]) => numberOf(candidate, "validation"));
    const where = (candidate) => (candidate.strength > 0 ? x(candidate.strength) : none);
    const onAxis = drawn.filter(([candidate]) => candidate.strength > 0);
    chart.line(onAxis.map(([candidate]) => [where(candidate), chart.y(numberOf(candidate, "validation")[0])]), `line ${kind}`);
    for (const [candidate, at] of drawn) {
      const value = numberOf(candidate, "validation");
      drawBar(chart, where(candidate), value, kind, chart.bottom);
      chart.point(where(candidate), chart.y(value[0]), kind, shape, say("pointRuns", { name: candidate.name, value: wordsOf(candidate, "validation"), runs: counted(candidate.runs, "run") }));
      if (at === known.best) chart.add("circle", { class: "ring", cx: place(where(candidate)), cy: place(chart.y(value[0])), r: 8 });
    }
  }
  chart.show();
  if (legend.length > 1) fillLegend(container, legend);
}

function drawOthers() {
  /* Candidates without a strength, a row each on one axis, the baseline first. */
  const container = byId("others");
  const [, others] = seriesOf();
  const drawn = others.filter(([candidate]) => numberOf(candidate, "validation"));
  if (!drawn.length) {
    container.replaceChildren();
    return;
  }
  const rows = [[known.candidates[baselinePlace], baselinePlace], ...drawn].filter(([candidate]) => numberOf(candidate, "validation"));
  const width = Math.max(container.clientWidth, 240);
  const height = 40 + 40 * rows.length;
  const names = rows.map(([candidate]) => `${candidate.name} ${wordsOf(candidate, "validation")}`).join(WORDS.semicolon);
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": say("others", { metric: columnLabel(), names }) });
  const ends = endsOf(rows.map(([candidate]) => candidate), false);
  const x = scale(...ends, 14, width - 14, false);
  for (const tick of linearTicks(...ends, Math.min(MOST_TICKS, width / 80))) {
    const at = place(x(tick.value));
    svg.append(make("line", { class: "grid", x1: at, x2: at, y1: 6, y2: height - 34 }));
    svg.append(make("text", { x: at, y: height - 20, "text-anchor": "middle" }, tick.label));
  }
  svg.append(make("text", { x: width / 2, y: height - 3, class: "title", "text-anchor": "middle" }, onValidation()));
  rows.forEach(([candidate, at], row) => {
    const [mean, deviation] = numberOf(candidate, "validation");
    const y = 28 + 40 * row;
    const room = Math.floor((width - 20) / 7);
    const words = candidate.name.length > room ? `${candidate.name.slice(0, room - 1)}…` : candidate.name;
    svg.append(make("text", { x: 14, y: y - 10 }, words));
    svg.append(make("line", { class: "bar ink", x1: place(x(mean - deviation)), x2: place(x(mean + deviation)), y1: y, y2: y }));
    svg.append(make("circle", { class: "point ink", cx: place(x(mean)), cy: y, r: 4 }, make("title", {}, say("point", { name: candidate.name, value: wordsOf(candidate, "validation") }))));
    if (at === known.best) svg.append(make("circle", { class: "ring", cx: place(x(mean)), cy: y, r: 8 }));
  });
  container.replaceChildren(svg);
}

function showCandidates() {
  const decides = (one) => one.name === known.select_by;
  const columns = [...(known.columns ?? [])].sort((a, b) => decides(b) - decides(a));
  const headers = [say("candidate"), say("runs"), ...columns.flatMap((one) => ["validation", "train"].map((part) => say(part, { metric: one.label })))];
  const rows = known.candidates.map((candidate, at) => ({ candidate, at })).filter(({ candidate }) => candidate.of > 0);
  fillTable(byId("candidates"), headers, rows.map(({ candidate, at }) => ({
    best: at === known.best,
    cells: [
      candidate.name,
      say(candidate.diverged ? "runsDiverged" : "of", { done: candidate.runs, total: candidate.of, diverged: candidate.diverged }),
      ...columns.flatMap((one) => [candidate.words[`validation_${one.name}`], candidate.words[`train_${one.name}`]]),
    ],
  })));
}

function want(at) {
  /* The curves of a candidate, asked for again when it has further runs. */
  const candidate = known.candidates[at];
  if (!candidate) return null;
  const key = JSON.stringify([candidate.runs, candidate.kept]);
  const entry = curves.get(at) ?? { key: null, data: null, asked: null };
  curves.set(at, entry);
  if (entry.key !== key && entry.asked === null) {
    entry.asked = key;
    fetch(`curves/${at}`, { cache: "no-store" })
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((data) => {
        if (data !== null) [entry.data, entry.key] = [data, entry.asked];
      })
      .catch(() => {})
      .finally(() => {
        entry.asked = null;
        if (entry.key === key) redraw();
      });
  }
  return entry.data;
}

function drawCurves() {
  const container = byId("curves");
  const column = byId("column").value;
  const places = [...new Set([baselinePlace, shownPlace()])].filter((at) => known.candidates[at]);
  const found = places.map((at) => [at, want(at)]).filter(([, data]) => data !== null);
  const parts = ["train", "validation"].map((part) => `${part}_${column}`);
  const every = found.flatMap(([, data]) => parts.flatMap((name) => data.mean[name].concat(...data.under_way.map((run) => run[name]))));
  const log = column === "data_loss" && spansDecades(every);
  const bands = log ? [] : found.flatMap(([, data]) => parts.flatMap((name) => data.mean[name].flatMap((mean, at) => mean === null ? [] : [mean - data.deviation[name][at], mean + data.deviation[name][at]])));
  const y = { ends: padded([...every, ...bands], log), log, title: columnLabel() };
  while (container.children.length > found.length) container.lastChild.remove();
  found.forEach(([at, data], panel) => {
    let area = container.children[panel];
    if (!area) {
      area = document.createElement("div");
      area.className = "panel";
      area.append(document.createElement("h3"), document.createElement("div"));
      container.append(area);
    }
    const marked = at !== baselinePlace && at === known.best;
    setText(area.children[0], say(marked ? "panelRole" : "panel", { role: bestWords(), name: data.name, runs: counted(data.runs, "run") }));
    drawPanel(area.children[1], data, column, y);
  });
  showEpochs(found.at(-1)?.[1] ?? null, column);
}

function drawPanel(container, data, column, y) {
  const epochs = data.epochs;
  const last = epochs.at(-1);
  const validation = data.mean[`validation_${column}`];
  let lowest = null;
  validation.forEach((value, at) => {
    if (value !== null && (lowest === null || value < validation[lowest])) lowest = at;
  });
  const isLoss = column === "data_loss";
  const label = say(isLoss && lowest !== null && data.runs ? "curvesLowest" : "curves", {
    metric: columnLabel(), name: data.name, runs: counted(data.runs, "run"), others: counted(data.under_way.length, "run"), epoch: epochs[lowest],
  });
  const chart = new Chart(container, label, 270, y);
  const logEpochs = byId("log-epochs").checked && last > 1;
  const x = scale(1, Math.max(last, 2), chart.left, chart.right, logEpochs);
  const ticks = logEpochs ? logTicks(1, last, MOST_TICKS) : [{ value: 1, label: "1" }, ...linearTicks(1, last, Math.min(5, (chart.right - chart.left) / 70)).filter((tick) => tick.value > 0.06 * last)];
  for (const tick of ticks) chart.tick(x(tick.value), tick.label);
  chart.xTitle(say("epoch"));
  const clip = (value) => (value === null ? null : Math.min(Math.max(value, chart.top), chart.bottom));
  for (const [part, dashed] of [["train", " dashed"], ["validation", ""]]) {
    const name = `${part}_${column}`;
    const [mean, deviation] = [data.mean[name], data.deviation[name]];
    chart.band(epochs.map((epoch, at) => mean[at] === null ? [null, null, null] : [x(epoch), clip(chart.y(mean[at] - deviation[at]) ?? chart.bottom), clip(chart.y(mean[at] + deviation[at]))]), part);
    for (const run of data.under_way) chart.line(epochs.map((epoch, at) => [x(epoch), chart.y(run[name][at])]), `thin ${part}${dashed}`);
    chart.line(epochs.map((epoch, at) => [x(epoch), chart.y(mean[at])]), `line ${part}${dashed}`);
  }
  if (isLoss && lowest !== null && data.runs) {
    const at = x(epochs[lowest]);
    chart.add("line", { class: "level", x1: place(at), x2: place(at), y1: chart.top, y2: chart.bottom });
  }
  chart.show();
  fillLegend(container, [[say("trainingRows"), "line train dashed"], [say("validationRows"), "line validation"]]);
}

function showEpochs(data, column) {
  if (data === null) return;
  const every = Math.max(1, Math.floor(data.epochs.length / 12));
  const places = data.epochs.map((_, at) => at).filter((at) => at % every === 0 || at === data.epochs.length - 1);
  const words = (name, at) => {
    const [mean, deviation] = [data.mean[name][at], data.deviation[name][at]];
    return mean === null ? "–" : `${exponential(mean.toPrecision(3))} ± ${exponential(deviation.toPrecision(1))}`;
  };
  fillTable(byId("epochs"), [say("epochOf", { name: data.name }), say("train", { metric: columnLabel() }), onValidation()], places.map((at) => ({
    cells: [String(data.epochs[at]), words(`train_${column}`, at), words(`validation_${column}`, at)],
  })));
}

let waiting = false;
function redraw() {
  /* Once for all that has come since the last frame. */
  if (waiting || known === null) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    if (!known.candidates.length) return;
    drawStrengths();
    drawOthers();
    drawCurves();
  });
}

follow((document) => {
  known = document;
  arrived = performance.now();
  const first = byId("column").options.length === 0;
  fillOptions(byId("column"), (known.columns ?? []).map((one) => [one.name, one.label]));
  if (first && known.select_by) byId("column").value = known.select_by;
  const named = known.candidates.map((candidate, at) => [String(at), candidate.name]).filter(([at]) => known.candidates[at].of > 0);
  fillOptions(byId("candidate"), [["", say(hasChosen() ? "theChosen" : "theBest")], ...named]);
  showProgress();
  showCandidates();
  redraw();
});
setInterval(showTime, 1000);
byId("column").addEventListener("change", redraw);
byId("candidate").addEventListener("change", redraw);
byId("log-epochs").addEventListener("change", redraw);
new ResizeObserver(redraw).observe(document.body);
