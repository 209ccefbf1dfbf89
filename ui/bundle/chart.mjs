// Draws charts over time with uPlot. What is drawn, where and how it is labelled was decided
// before (`src/chart/scene.rs`); colours and faces are the page's custom properties.
import uPlot from "uplot";

const RIGHT = 16;
const GAP = 6;
const BAR_SHARE = 0.86;
const POINT = 3;

class Chart {
  constructor(host, callbacks, group) {
    this.host = host;
    this.callbacks = callbacks;
    this.group = group;
    // The time at which keys have put the crosshair.
    this.keyed = null;
  }

  // `scene` as JSON; times, bases and ends as arrays of numbers, NaN where there is a gap.
  draw(scene, times, bases, ends) {
    this.scene = JSON.parse(scene);
    this.bases = bases;
    const gaps = (values) => Array.from(values, (value) => (Number.isNaN(value) ? null : value));
    const data = [Array.from(times), ...ends.map(gaps)];
    const shape = JSON.stringify([this.scene.kind, this.scene.series]);
    if (this.plot && shape === this.shape) {
      const { width, height } = this.scene;
      if (this.plot.width !== width || this.plot.height !== height) this.plot.setSize({ width, height });
      this.plot.setData(data, true);
    } else {
      this.shape = shape;
      this.destroy();
      this.theme = readTheme(this.host);
      this.plot = new uPlot(this.options(), data, this.host);
    }
    if (this.keyed !== null) this.point(this.keyed);
  }

  options() {
    const { scene } = this;
    const font = () => this.theme.font;
    const axis = (of) => ({
      stroke: () => this.theme.axis,
      font: font(),
      gap: GAP,
      ticks: { show: false },
      splits: () => this.scene[of].at,
      values: () => this.scene[of].labels,
    });
    return {
      width: scene.width,
      height: scene.height,
      padding: [GAP, RIGHT, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: () => this.scene.x.range },
        y: { range: () => this.scene.y.range },
      },
      axes: [
        { ...axis("x"), size: 22, grid: { show: false } },
        { ...axis("y"), size: this.side, grid: { stroke: () => this.theme.grid, width: 1 } },
      ],
      series: [{}, ...scene.series.map((series, index) => this.series(series, index))],
      cursor: this.cursor(),
      hooks: {
        setCursor: [(plot) => this.hovered(plot)],
        setSelect: [(plot) => this.selected(plot)],
        drawAxes: [(plot) => this.drawBase(plot)],
        draw: [(plot) => this.drawMarkers(plot)],
      },
    };
  }

  cursor() {
    const bars = this.scene.kind.endsWith("bars");
    const shared = (type) => type === "mousemove" || type === "mouseleave";
    const taken = (type) => {
      if (shared(type)) this.keyed = null;
      return shared(type);
    };
    return {
      y: false,
      drag: { x: this.callbacks.zooms, y: false, setScale: false, dist: 4 },
      points: bars ? { show: false } : { size: 2 * POINT + 2, width: 1, stroke: () => this.theme.surface },
      bind: { dblclick: () => null },
      ...(this.group && { sync: { key: this.group, scales: ["x", null], filters: { pub: shared, sub: taken } } }),
    };
  }

  series(series, index) {
    const colour = () => this.theme.of(series.colour);
    const lines = this.scene.kind === "lines" || this.scene.kind === "area";
    const tint = this.scene.kind === "area" && ((plot) => withAlpha(colour(plot), 0.16));
    return {
      stroke: colour,
      width: 1.5,
      dash: series.dash,
      spanGaps: false,
      ...(lines
        ? { fill: tint || undefined, points: { show: true, size: 2 * POINT, width: 0, fill: colour, filter: lone } }
        : { fill: colour, width: 0, points: { show: false }, paths: (plot) => this.path(plot, index) }),
    };
  }

  // Width of the labels beside the value axis.
  side = (plot, labels) => {
    const { ctx } = plot;
    ctx.save();
    ctx.font = this.theme.font.replace(/[\d.]+px/, (size) => `${parseFloat(size) * uPlot.pxRatio}px`);
    const widest = Math.max(0, ...(labels ?? []).map((label) => ctx.measureText(label).width));
    ctx.restore();
    return Math.ceil(widest / uPlot.pxRatio) + GAP + 4;
  };

  path(plot, index) {
    const ends = plot.data[index + 1];
    const bases = this.bases[index];
    const x = (value) => plot.valToPos(value, "x", true);
    const y = (value) => Math.round(plot.valToPos(value, "y", true));
    const fill = new Path2D();
    if (this.scene.kind.endsWith("bars")) this.addBars(fill, plot, index, { ends, bases, x, y });
    else addAreas(fill, plot.data[0], { ends, bases, x, y });
    return { fill, stroke: null, clip: null, band: null, gaps: null, flags: 0 };
  }

  addBars(fill, plot, index, { ends, bases, x, y }) {
    const { step, kind, series } = this.scene;
    const beside = kind === "bars" ? series.length : 1;
    const hair = uPlot.pxRatio;
    plot.data[0].forEach((time, at) => {
      if (ends[at] === null || ends[at] === bases[at]) return;
      const [from, to] = [x(time), x(time + step)];
      const room = Math.max((to - from) * BAR_SHARE, Math.min(to - from, hair));
      const width = room / beside;
      const left = Math.round(from + (to - from - room) / 2 + (beside > 1 ? index * width : 0));
      const [base, end] = [y(bases[at]), y(ends[at])];
      const length = Math.abs(end - base);
      // A seam parts a bar from the one it stands on; what is there at all is a hairline high.
      const seam = bases[at] !== 0 && length > 2 * hair ? hair : 0;
      const height = Math.max(length - seam, hair);
      const top = ends[at] >= bases[at] ? base - seam - height : base + seam;
      fill.rect(left, top, Math.max(Math.round(width), 1), height);
    });
  }

  // Puts the crosshair at a time, here and in the charts of the group; null takes it away.
  point(time) {
    if (!this.plot) return;
    const left = time === null ? -1 : this.plot.valToPos(time, "x");
    const within = left >= 0 && left <= this.plot.over.clientWidth;
    this.keyed = within ? time : null;
    this.plot.cursor.event = null;
    this.plot.setCursor(within ? { left, top: 0 } : { left: -10, top: -10 }, true, true);
  }

  // Takes the crosshair away if keys have put it there.
  release() {
    if (this.keyed !== null) this.point(null);
  }

  hovered(plot) {
    const { left, event } = plot.cursor;
    if (event) this.keyed = null;
    // Without an event of its own, and not put there by keys, the crosshair came from another chart.
    if ((!event && this.keyed === null) || left < 0) this.callbacks.hover(null, 0);
    else this.callbacks.hover(plot.posToVal(left, "x"), left + plot.over.offsetLeft);
  }

  selected(plot) {
    const { left, width } = plot.select;
    if (width === 0) return;
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.callbacks.select(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
  }

  drawBase({ ctx, bbox, valToPos }) {
    const at = Math.round(valToPos(Math.max(0, this.scene.y.range[0]), "y", true)) - uPlot.pxRatio / 2;
    ctx.fillStyle = this.theme.base;
    ctx.fillRect(bbox.left, at, bbox.width, uPlot.pxRatio);
  }

  drawMarkers({ ctx, bbox, valToPos }) {
    const { markers } = this.scene;
    if (!markers.length) return;
    const ratio = uPlot.pxRatio;
    const [line, gap] = [12 * ratio, 5 * ratio];
    ctx.save();
    ctx.font = this.theme.font.replace(/[\d.]+px/, (size) => `${parseFloat(size) * ratio}px`);
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    const taken = [];
    for (const { at, label } of markers) {
      const x = Math.round(valToPos(at, "x", true)) + (ratio % 2) / 2;
      // On its own strip of the surface it is seen over whatever is drawn there.
      for (const [colour, thick, dash] of [[this.theme.surface, 3, []], [this.theme.cursor, 1, [2 * ratio, 2 * ratio]]]) {
        ctx.strokeStyle = colour;
        ctx.lineWidth = thick * ratio;
        ctx.setLineDash(dash);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
      }
      const width = ctx.measureText(label).width;
      const place = free(taken, [x - gap - width, x + gap], width, [bbox.left, bbox.left + bbox.width]);
      taken.push({ ...place, width });
      const y = bbox.top + (place.row + 0.5) * line;
      ctx.setLineDash([]);
      ctx.strokeStyle = this.theme.surface;
      ctx.lineWidth = 4 * ratio;
      ctx.lineJoin = "round";
      ctx.strokeText(label, place.left, y);
      ctx.fillStyle = this.theme.text;
      ctx.fillText(label, place.left, y);
    }
    ctx.restore();
  }

  // Colours and faces have changed.
  retheme() {
    if (!this.plot) return;
    this.theme = readTheme(this.host);
    this.plot.redraw(true, false);
  }

  // The drawing with its title above and its legend below, as a PNG file.
  picture(title, legend) {
    const drawing = this.plot.ctx.canvas;
    const { width, height } = drawing;
    const draw = (ctx) => ctx.drawImage(drawing, 0, 0);
    return framed(this.theme, { title, legend: JSON.parse(legend), width, height, draw });
  }

  destroy() {
    this.plot?.destroy();
    this.plot = null;
  }

  // Nothing is called back any more, not even by what uPlot has put off.
  unmount() {
    this.callbacks = { hover() {}, select() {} };
    this.destroy();
  }
}

// Values without neighbours, which no line would show.
function lone(plot, index) {
  const values = plot.data[index];
  const alone = [];
  values.forEach((value, at) => {
    if (value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null) alone.push(at);
  });
  return alone;
}

function addAreas(fill, times, { ends, bases, x, y }) {
  let run = [];
  const close = () => {
    // A single value is a sliver, so that it is seen.
    if (run.length === 1) fill.rect(x(times[run[0]]) - 1, y(ends[run[0]]), 2, y(bases[run[0]]) - y(ends[run[0]]));
    else if (run.length > 1) {
      fill.moveTo(x(times[run[0]]), y(ends[run[0]]));
      for (const at of run.slice(1)) fill.lineTo(x(times[at]), y(ends[at]));
      for (const at of run.reverse()) fill.lineTo(x(times[at]), y(bases[at]));
      fill.closePath();
    }
    run = [];
  };
  times.forEach((_, at) => (ends[at] === null ? close() : run.push(at)));
  close();
}

// Where a label of a marker fits: left or right of its line, in the first row that is free.
function free(taken, places, width, [from, to]) {
  for (let row = 0; row < 4; row++) {
    for (const left of places) {
      const inside = left >= from && left + width <= to;
      const covered = taken.some((other) => other.row === row && left < other.left + other.width && other.left < left + width);
      if (inside && !covered) return { left, row };
    }
  }
  return { left: Math.max(from, Math.min(places[1], to - width)), row: 0 };
}

// A drawing of so many device pixels with its title above and its legend below, as a PNG file.
function framed(theme, { title, legend, width, height, draw }) {
  const ratio = uPlot.pxRatio;
  const [line, edge, swatch] = [20 * ratio, 12 * ratio, 9 * ratio];
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d");
  const font = theme.font.replace(/[\d.]+px/, `${11 * ratio}px`);
  ctx.font = font;
  const rows = [];
  let used = width;
  for (const entry of legend) {
    const wide = ctx.measureText(entry.name).width + swatch + 18 * ratio;
    if (rows.length === 0 || used + wide > width) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1).push({ ...entry, left: used });
    used += wide;
  }
  canvas.width = width + 2 * edge;
  canvas.height = height + line * (rows.length + 1) + 2 * edge;
  ctx.fillStyle = theme.surface;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.font = font;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.text;
  ctx.fillText(cut(ctx, title, width), edge, edge + line / 2);
  ctx.save();
  ctx.translate(edge, edge + line);
  draw(ctx);
  ctx.restore();
  rows.forEach((row, at) => {
    const y = edge + line * (at + 1.5) + height;
    for (const { name, colour, left } of row) {
      ctx.fillStyle = theme.of(colour);
      ctx.fillRect(edge + left, y - swatch / 2, swatch, swatch);
      ctx.fillStyle = theme.text;
      ctx.fillText(name, edge + left + swatch + 5 * ratio, y);
    }
  });
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the drawing is too large for a file"))), "image/png");
  });
}

// As much of a text as there is room for.
function cut(ctx, text, room) {
  if (ctx.measureText(text).width <= room) return text;
  const letters = [...text];
  while (letters.length > 0 && ctx.measureText(`${letters.join("")}…`).width > room) letters.pop();
  return `${letters.join("")}…`;
}

function withAlpha(colour, alpha) {
  return `color-mix(in srgb, ${colour} ${alpha * 100}%, transparent)`;
}

function readTheme(host) {
  const style = getComputedStyle(host);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    of,
    font: `${of("--text-2xs")} ${of("--font-ui")}`,
    axis: of("--axis"),
    grid: of("--grid"),
    base: of("--border-strong"),
    cursor: of("--cursor"),
    text: of("--text"),
    surface: of("--surface-1"),
  };
}

// Prepares a chart inside `host`. `callbacks.hover(time or null, left)` follows the pointer,
// `callbacks.select(from, to)` is a drag; charts of one `group` share their crosshair.
export function mount(host, callbacks, group) {
  return new Chart(host, callbacks, group);
}

// Areas and labels (`src/chart/picture.rs`) below a title, as a PNG file.
export function picture(title, scene) {
  const { width, height, fills, labels, legend } = JSON.parse(scene);
  const theme = readTheme(document.documentElement);
  const ratio = uPlot.pxRatio;
  const draw = (ctx) => {
    ctx.scale(ratio, ratio);
    for (const { path, colour } of fills) {
      ctx.fillStyle = theme.of(colour);
      ctx.fill(new Path2D(path));
    }
    ctx.font = theme.font;
    for (const { x, y, anchor, room, colour, text } of labels) {
      ctx.fillStyle = theme.of(colour);
      ctx.textAlign = anchor === "middle" ? "center" : anchor;
      ctx.fillText(cut(ctx, text, room), x, y);
    }
  };
  return framed(theme, { title, legend, width: width * ratio, height: height * ratio, draw });
}
