/* Charts as inline SVG: axes, lines, bands, points. */
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const MOST_DRAWN = 100;

function make(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const place = (value) => Math.round(value * 10) / 10;

function scale(low, high, from, to, log) {
  /* A function from values to places; what a log axis cannot have is null. */
  const of = log ? Math.log10 : (value) => value;
  const [a, b] = [of(low), of(high)];
  const span = b - a || 1;
  return (value) => {
    if (value === null || !Number.isFinite(value) || (log && value <= 0)) return null;
    return from + ((of(value) - a) / span) * (to - from);
  };
}

function linearTicks(low, high, most) {
  const rough = (high - low) / Math.max(most, 1) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough * (1 - 1e-9));
  const ticks = [];
  // Ends that differ by nothing that a number can say have ticks without end.
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step && ticks.length < MOST_DRAWN; n += 1) ticks.push(n * step);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return ticks.map((value) => ({ value, label: Math.abs(value) < 1e5 && digits < 5 ? value.toFixed(digits) : exponential(value.toExponential(1)) }));
}

function exponential(text) {
  /* As the names of candidates have exponents: 1e-06. */
  return text.replace(/e([+-])(\d)$/, (_, sign, digit) => `e${sign}0${digit}`);
}

function powerLabel(value) {
  const plain = Number(value.toPrecision(3));
  return plain >= 1e-4 && plain < 1e6 ? String(plain) : exponential(plain.toExponential());
}

function logTicks(low, high, most) {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first < 1) {
    const found = linearTicks(low, high, most).filter((tick) => tick.value > 0);
    return found.length ? found : [low, high].map((value) => ({ value, label: powerLabel(value) }));
  }
  const step = Math.ceil((last - first + 1) / Math.max(most, 1));
  const ticks = [];
  for (let power = first; power <= last; power += step) ticks.push({ value: 10 ** power, label: powerLabel(10 ** power) });
  return ticks;
}

function extremes(values) {
  /* The lowest and the highest, of any number of values; a call takes so many arguments only. */
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

function padded(values, log) {
  /* The ends of an axis that shows all of these, with some room. */
  const known = values.filter((value) => value !== null && Number.isFinite(value) && (!log || value > 0));
  if (!known.length) return [log ? 0.1 : 0, 1];
  const [low, high] = extremes(known);
  if (log) {
    const room = Math.max((high / low) ** 0.06, 1.02);
    return [low / room, high * room];
  }
  const room = 0.06 * (high - low) || Math.abs(high) * 0.05 || 0.5;
  return [low - room, high + room];
}

function spansDecades(values) {
  const known = values.filter((value) => value !== null && value > 0);
  const [low, high] = extremes(known);
  return known.length > 0 && high / low > 30;
}

class Chart {
  /* A drawing area of a container's width, with a y axis and whatever x axis is asked for. */
  constructor(container, label, height, y) {
    this.width = Math.max(container.clientWidth, 240);
    this.height = height;
    const ticks = y.log ? logTicks(...y.ends, height / 45) : linearTicks(...y.ends, height / 45);
    const longest = Math.max(...ticks.map((tick) => tick.label.length), 1);
    this.left = 14 + 7.2 * longest;
    this.right = this.width - 12;
    this.top = 22;
    this.bottom = height - 40;
    this.container = container;
    this.svg = make("svg", { viewBox: `0 0 ${this.width} ${height}`, role: "img", "aria-label": label });
    this.y = scale(...y.ends, this.bottom, this.top, y.log);
    this.text(this.left - 8 - 7.2 * longest, 12, y.title, "title", "start");
    for (const tick of ticks) {
      const at = place(this.y(tick.value));
      this.add("line", { class: "grid", x1: this.left, x2: this.right, y1: at, y2: at });
      this.text(this.left - 6, at + 4, tick.label, "", "end");
    }
    this.add("path", { class: "axis", d: `M${this.left} ${this.top}V${this.bottom}H${this.right}` });
  }

  add(name, attributes, ...children) {
    const element = make(name, attributes, ...children);
    this.svg.append(element);
    return element;
  }

  text(x, y, words, kind, anchor) {
    this.add("text", { x: place(x), y: place(y), class: kind, "text-anchor": anchor }, words);
  }

  tick(x, label) {
    this.add("line", { class: "axis", x1: place(x), x2: place(x), y1: this.bottom, y2: this.bottom + 4 });
    this.text(x, this.bottom + 17, label, "", "middle");
  }

  xTitle(words) {
    this.text((this.left + this.right) / 2, this.height - 6, words, "title", "middle");
  }

  line(points, kind) {
    /* Points whose places are null break the line. */
    let d = "";
    let open = false;
    for (const [x, y] of points) {
      if (x === null || y === null) open = false;
      else {
        d += `${open ? "L" : "M"}${place(x)} ${place(y)}`;
        open = true;
      }
    }
    if (d) this.add("path", { class: kind, d });
  }

  band(points, kind) {
    /* Points are [x, low, high]. */
    const known = points.filter((point) => point.every((one) => one !== null));
    if (known.length < 2) return;
    const above = known.map(([x, , high]) => `${place(x)} ${place(high)}`);
    const below = known.map(([x, low]) => `${place(x)} ${place(low)}`).reverse();
    this.add("path", { class: `band ${kind}`, d: `M${[...above, ...below].join("L")}Z` });
  }

  point(x, y, kind, shape, words) {
    const draw = {
      0: () => make("circle", { cx: place(x), cy: place(y), r: 4 }),
      1: () => make("rect", { x: place(x - 3.5), y: place(y - 3.5), width: 7, height: 7 }),
      2: () => make("path", { d: `M${place(x)} ${place(y - 5)}l4.6 8.4h-9.2z` }),
      3: () => make("path", { d: `M${place(x)} ${place(y - 5)}l5 5l-5 5l-5-5z` }),
    }[shape % 4]();
    draw.setAttribute("class", `point ${kind}`);
    draw.append(make("title", {}, words));
    this.svg.append(draw);
  }

  show() {
    this.container.replaceChildren(this.svg);
  }
}

function fillLegend(container, entries) {
  /* Entries are [words, kind of line]. */
  const list = document.createElement("ul");
  list.className = "legend";
  for (const [words, kind] of entries) {
    const item = document.createElement("li");
    const sample = make("svg", { viewBox: "0 0 28 12", "aria-hidden": "true" });
    sample.append(make("path", { class: kind, d: "M1 6H27" }));
    item.append(sample, words);
    list.append(item);
  }
  container.append(list);
}
