"use strict";
const { paths } = JSON.parse(document.getElementById("data").textContent);
const board = document.getElementById("board");
const edges = document.getElementById("edges");
const filter = document.getElementById("filter");
const controls = document.getElementById("controls");
const list = document.getElementById("paths");
const items = new Map([...board.querySelectorAll("[data-node]")].map((e) => [+e.dataset.node, e]));
const groups = [...board.querySelectorAll(".group")];
const lanes = new Map([...board.querySelectorAll(".lane")].map((e) => [e.dataset.lane, e]));
const groupOf = new Map([...items].map(([node, e]) => [node, e.closest(".group")]));
const LISTED = 200;
let picked = null;
let shown = paths;

for (const path of paths) {
  const names = path.nodes.map((n) => items.get(n).title + " " + groupOf.get(n).querySelector("bdi").textContent);
  path.text = [path.code, path.kind, path.message, ...names, ...path.steps.flat()].join("\n").toLowerCase();
}

const checked = (name) =>
  new Set([...controls.querySelectorAll(`[name=${name}]:checked`)].map((box) => box.value));

function followed() {
  return picked === null ? [] : shown.filter((path) => path.nodes.includes(picked));
}

function choose() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const kinds = checked("kind");
  const levels = checked("level");
  shown = paths.filter(
    (path) => kinds.has(path.kind) && levels.has(path.level) && words.every((word) => path.text.includes(word)));
  const seen = new Set(shown.flatMap((path) => path.nodes));
  for (const [node, item] of items) item.hidden = !seen.has(node);
  for (const group of groups) {
    const count = group.querySelectorAll("li:not([hidden])").length;
    group.hidden = count === 0;
    group.querySelector("summary b").textContent = count;
  }
  const columns = [...board.querySelectorAll(".column")];
  for (const column of columns) column.hidden = column.querySelector(".group:not([hidden])") === null;
  board.style.setProperty("--columns", columns.filter((column) => !column.hidden).length);
  if (picked !== null && !seen.has(picked)) picked = null;
  follow();
}

function follow() {
  const on = new Set(followed().flatMap((path) => path.nodes));
  board.classList.toggle("following", picked !== null);
  for (const [node, item] of items) {
    item.classList.toggle("on", on.has(node));
    item.classList.toggle("picked", node === picked);
  }
  for (const group of groups) group.classList.toggle("on", group.querySelector("li.on") !== null);
  draw();
  tell();
}

function draw() {
  const origin = board.getBoundingClientRect();
  const box = (element) => {
    const r = element.getBoundingClientRect();
    return { left: r.left - origin.left, right: r.right - origin.left, middle: (r.top + r.bottom) / 2 - origin.top };
  };
  const end = (node) => {
    const group = groupOf.get(node);
    return group.open ? items.get(node) : group.querySelector("summary");
  };
  const marked = new Set(followed());
  const lines = new Map();
  for (const path of shown) {
    for (let i = 0; i + 1 < path.nodes.length; i++) {
      const stops = [end(path.nodes[i]), ...between(path.nodes[i], path.nodes[i + 1]), end(path.nodes[i + 1])];
      for (let j = 0; j + 1 < stops.length; j++) {
        if (!lines.has(stops[j])) lines.set(stops[j], new Map());
        const line = lines.get(stops[j]).get(stops[j + 1]) ?? { kinds: new Set(), count: 0, on: false };
        line.kinds.add(path.kind);
        line.count += 1;
        line.on ||= marked.has(path);
        lines.get(stops[j]).set(stops[j + 1], line);
      }
    }
  }
  edges.setAttribute("width", board.scrollWidth);
  edges.setAttribute("height", board.scrollHeight);
  edges.replaceChildren();
  for (const [from, targets] of lines) {
    for (const [to, line] of targets) {
      const curve = document.createElementNS("http://www.w3.org/2000/svg", "path");
      curve.setAttribute("d", route(box(from), box(to), from.matches(".lane")));
      curve.setAttribute("stroke-width", Math.min(1 + Math.log2(line.count), 7));
      curve.setAttribute("class", `k-${line.kinds.size === 1 ? [...line.kinds][0] : "several"}${line.on ? " on" : ""}`);
      edges.append(curve);
    }
  }
}

// The lanes that lines between two nodes take through the columns that they pass by.
function between(from, to) {
  const [source, target] = [groupOf.get(from), groupOf.get(to)];
  const passed = [];
  for (let column = +source.dataset.column + 1; column < +target.dataset.column; column++) {
    const lane = lanes.get(`${target.dataset.group}-${column}`);
    if (!lane.parentElement.hidden) passed.push(lane);
  }
  return passed;
}

function route(from, to, through) {
  const bend = Math.max((to.left - from.right) / 2, 30);
  const start = through ? `M${from.left} ${from.middle}H${from.right}` : `M${from.right} ${from.middle}`;
  return `${start}C${from.right + bend} ${from.middle} ${to.left - bend} ${to.middle} ${to.left} ${to.middle}`;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function tell() {
  const told = picked === null ? shown : followed();
  const name = picked === null ? "" : ` through ${items.get(picked).textContent.trim()}`;
  list.querySelector("h2").textContent =
    `${told.length} ${told.length === 1 ? "path" : "paths"}${name}${told.length > LISTED ? `, the first ${LISTED}` : ""}`;
  list.querySelector("ol").replaceChildren(...told.slice(0, LISTED).map((path) => {
    const entry = element("li", "");
    entry.append(element("code", path.code), ` ${path.message} `, element("small", path.level));
    const steps = element("ol", "");
    steps.className = "steps";
    steps.append(...path.steps.map(([place, call]) => {
      const step = element("li", "");
      step.append(element("code", place), " calls ", element("code", call));
      return step;
    }));
    entry.append(steps);
    return entry;
  }));
}

function foldAll(open) {
  for (const group of groups) group.open = open;
}

controls.addEventListener("input", choose);
controls.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("unfold").addEventListener("click", () => foldAll(true));
document.getElementById("fold").addEventListener("click", () => foldAll(false));
document.getElementById("reset").addEventListener("click", () => {
  controls.reset();
  picked = null;
  choose();
});
document.getElementById("theme").addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
  document.documentElement.dataset.theme = dark ? "light" : "dark";
});
board.addEventListener("click", (event) => {
  const item = event.target.closest("[data-node]");
  if (!item) return;
  picked = picked === +item.dataset.node ? null : +item.dataset.node;
  follow();
});
for (const group of groups) group.addEventListener("toggle", draw);
addEventListener("resize", draw);
// The address can hold a filter: page.html#filter=shop.cache
const given = new URLSearchParams(location.hash.slice(1)).get("filter");
if (given) {
  filter.value = given;
  foldAll(true);
}
choose();
