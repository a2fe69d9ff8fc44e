/* Interactive figures in the place of still ones. Without this script those stay, as they do in print. */
"use strict";

const CHARTS = JSON.parse(document.getElementById("charts").textContent);
const DARK = matchMedia("(prefers-color-scheme: dark)");
const NARROW = 480;
const SETTLED = 150; /* milliseconds without a change of width */
const LIGHTER = { "#0072B2": "#4aa3df", "#D55E00": "#f0803c", "#009E73": "#2bbf94", "#CC79A7": "#dd93bb" };
/* Colours of lines and points on a dark page. */

function look(width) {
  /* The page's own colours and letters, and labels that leave room for what is drawn. */
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();
  const [ink, soft, line, paper] = ["ink", "soft", "line", "paper"].map(color);
  const font = getComputedStyle(document.body).fontFamily;
  const label = { labelColor: ink, titleColor: ink, labelFont: font, titleFont: font, labelFontSize: 12, titleFontSize: 12 };
  const params = { ink, soft, paper };
  const config = {
    background: null,
    font,
    aria: false, /* the drawing has a description, and tables hold its numbers */
    view: { stroke: null },
    axis: { ...label, titleFontWeight: 500, gridColor: line, domainColor: soft, tickColor: soft, labelOverlap: "greedy", labelSeparation: 4 },
    axisY: { domain: false, ticks: false, labelLimit: width < NARROW ? 0.34 * width : Math.max(260, 0.46 * width), titleLimit: 280 },
    axisX: { titleLimit: Math.max(120, width - 70), ...(width < NARROW && { titleAnchor: "end" }) }, /* beneath labels, not over the edge */
    legend: {
      ...label, orient: "top", direction: "horizontal", offset: 8, symbolSize: 100, labelLimit: Math.min(320, width - 60),
      columns: Math.max(1, Math.floor(width / 190)), rowPadding: 3, columnPadding: 14,
      layout: { top: { anchor: "start", margin: width < NARROW ? 4 : 16, direction: width < NARROW ? "vertical" : "horizontal" } },
    },
  };
  return { params, config };
}

function whole(chart, spec, description, width) {
  /* A specification with its tables and this page's colours. */
  const { params, config } = look(width);
  const datasets = {};
  for (const [name, table] of Object.entries(chart.tables)) {
    datasets[name] = table.rows.map((row) => Object.fromEntries(table.columns.map((column, at) => [column, row[at]])));
  }
  const lit = DARK.matches
    ? JSON.parse(JSON.stringify(spec).replace(/"(#[0-9A-F]{6})"/g, (all, color) => `"${LIGHTER[color] ?? color}"`))
    : spec;
  const themed = lit.params.map((one) => (one.name in params ? { ...one, value: params[one.name] } : one));
  return { ...lit, params: themed, datasets, config, description };
}

function controls(chart, changed) {
  /* A menu for each switch; the place of the specification that they choose. */
  const menus = chart.switches.map((one) => {
    const label = document.createElement("label");
    const menu = document.createElement("select");
    one.options.forEach((text, place) => menu.append(new Option(text, place)));
    menu.addEventListener("change", changed);
    label.append(`${one.label} `, menu);
    return [label, menu, one.options.length];
  });
  const place = () => menus.reduce((sum, [, menu, count]) => sum * count + menu.selectedIndex, 0);
  return [menus.map(([label]) => label), place];
}

async function draw(figure) {
  const chart = CHARTS[figure.dataset.chart];
  const room = figure.querySelector(".chart");
  const [menus, place] = controls(chart, () => again());
  const tools = document.createElement("div");
  tools.className = "tools";
  tools.append(...menus);
  if (menus.length) room.append(tools);
  const side = document.createElement("div");
  side.className = "panels";
  room.append(side);
  /* Vega labels each drawing with its description. */
  const described = chart.panels.map(({ title }) => (title ? `${title}. ${chart.description}` : chart.description));
  const places = chart.panels.map((panel) => {
    const part = document.createElement("div");
    if (panel.title) {
      const title = document.createElement("p");
      title.className = "panel";
      title.textContent = panel.title;
      part.append(title);
    }
    const drawn = document.createElement("div");
    drawn.className = "drawn";
    part.append(drawn);
    side.append(part);
    return drawn;
  });
  const views = places.map(() => null);
  let last = 0;

  async function show() {
    if (!room.clientWidth) return; /* hidden, as in print */
    const mine = ++last; /* of two at once, the later one stays */
    for (const [at, drawn] of places.entries()) {
      const spec = whole(chart, chart.panels[at].specs[place()], described[at], drawn.clientWidth);
      const made = await vegaEmbed(drawn, spec, {
        actions: false, ast: true, renderer: "svg", mode: "vega-lite", defaultStyle: false,
        tooltip: { theme: DARK.matches ? "dark" : "light" },
      });
      if (mine !== last) return made.finalize();
      drawn.style.minHeight = "0"; /* it has its own height by now */
      drawn.setAttribute("role", "img"); /* with Vega's label; tables hold what the marks say */
      drawn.querySelector("svg").setAttribute("aria-hidden", "true");
      views[at]?.finalize();
      views[at] = made;
    }
  }

  const again = () => show().catch((error) => console.error(error));
  figure.classList.add("live");
  try {
    await show();
  } catch (error) {
    figure.classList.remove("live"); /* the still one is as good */
    throw error;
  }
  let width = room.clientWidth;
  let timer = 0;
  new ResizeObserver(() => {
    if (!room.clientWidth || Math.abs(room.clientWidth - width) < 2) return;
    width = room.clientWidth;
    clearTimeout(timer);
    timer = setTimeout(again, SETTLED);
  }).observe(room);
  DARK.addEventListener("change", again);
}

(async () => {
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    try {
      await draw(figure);
    } catch (error) {
      console.error(error); /* the others can be drawn all the same */
    }
  }
  document.documentElement.dataset.charts = "drawn";
})();
