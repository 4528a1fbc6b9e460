/** Line charts as SVG, by themselves: legible in light and dark, and at the width of a phone. */

export interface Series {
	name: string;
	/** In any order of x. */
	points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
	title: string;
	x: Axis;
	y: Axis;
	series: readonly Series[];
	/** Without marks on the points: for many of them. */
	dense?: boolean;
}

export interface Axis {
	label: string;
	/** Powers of ten. Values are above 0 then. */
	log?: boolean;
}

const WIDTH = 400;
const HEIGHT = 270;
const PLOT = { left: 50, right: 386, bottom: 228 };
const LEGEND_TOP = 38;
const LEGEND_LINE = 16;
const LETTER = 6.2;
const TICKS = 5;

/** Told apart by shape and dash too, not by colour alone. */
const LOOKS = [
	{ light: "#0969da", dark: "#58a6ff", dash: "", mark: "circle" },
	{ light: "#bc4c00", dark: "#f0883e", dash: "6 3", mark: "square" },
	{ light: "#1a7f37", dark: "#3fb950", dash: "2 3", mark: "diamond" },
	{ light: "#8250df", dark: "#bc8cff", dash: "9 3 2 3", mark: "circle" },
] as const;

export function lineChart({ title, x, y, series, dense = false }: Chart): string {
	const legend = legendOf(series, dense);
	const top = LEGEND_TOP + legend.lines * LEGEND_LINE;
	const points = series.flatMap(one => one.points);
	const across = scaleOf(
		points.map(([value]) => value),
		x.log ?? false,
		PLOT.left,
		PLOT.right,
		false,
	);
	const up = scaleOf(
		points.map(([, value]) => value),
		y.log ?? false,
		PLOT.bottom,
		top,
		true,
	);
	const parts = [
		`<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
		`<text class="title" x="12" y="22">${plain(title)}</text>`,
		...legend.parts,
		...up.ticks.flatMap(tick => [
			`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${at(up.place(tick))}" y2="${at(up.place(tick))}"/>`,
			`<text class="tick" text-anchor="end" x="${PLOT.left - 6}" y="${at(up.place(tick) + 4)}">${short(tick)}</text>`,
		]),
		...across.ticks.map(
			tick =>
				`<text class="tick" text-anchor="middle" x="${at(across.place(tick))}" y="${PLOT.bottom + 16}">${short(tick)}</text>`,
		),
		`<line class="axis" x1="${PLOT.left}" x2="${PLOT.right}" y1="${PLOT.bottom}" y2="${PLOT.bottom}"/>`,
		`<text class="label" text-anchor="middle" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 9}">${plain(x.label)}</text>`,
		`<text class="label" text-anchor="middle" transform="translate(13 ${at((top + PLOT.bottom) / 2)}) rotate(-90)">${plain(y.label)}</text>`,
		...series.flatMap((one, i) => {
			const placed = [...one.points]
				.sort(([a], [b]) => a - b)
				.map(([left, high]) => [across.place(left), up.place(high)] as const);
			const line = placed.map(([left, high]) => `${at(left)},${at(high)}`).join(" ");
			return [
				`<polyline class="line s${i}" points="${line}"/>`,
				...(dense ? [] : placed.map(([left, high]) => mark(i, left, high))),
			];
		}),
	];
	return (
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="640" role="img" aria-label="${plain(title)}">\n` +
		`<style>${style()}</style>\n${parts.join("\n")}\n</svg>\n`
	);
}

function legendOf(series: readonly Series[], dense: boolean): { lines: number; parts: string[] } {
	const parts: string[] = [];
	let left = 12;
	let lines = 1;
	for (const [i, { name }] of series.entries()) {
		const width = 34 + name.length * LETTER;
		if (left > 12 && left + width > WIDTH) {
			left = 12;
			lines++;
		}
		const y = LEGEND_TOP + (lines - 1) * LEGEND_LINE;
		parts.push(
			`<line class="line s${i}" x1="${at(left)}" x2="${at(left + 20)}" y1="${y}" y2="${y}"/>`,
			dense ? "" : mark(i, left + 10, y),
			`<text class="tick" x="${at(left + 25)}" y="${y + 4}">${plain(name)}</text>`,
		);
		left += width + 6;
	}
	return { lines, parts };
}

interface Scale {
	ticks: number[];
	place(value: number): number;
}

function scaleOf(
	values: readonly number[],
	log: boolean,
	from: number,
	to: number,
	fromZero: boolean,
): Scale {
	const least = Math.min(...values);
	const most = Math.max(...values);
	if (log) {
		const [low, high] = [
			Math.floor(Math.log10(least)),
			Math.max(Math.ceil(Math.log10(most)), Math.floor(Math.log10(least)) + 1),
		];
		return {
			ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
			place: value => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
		};
	}
	const low = fromZero ? Math.min(0, least) : least;
	const step = niceStep((most - low || 1) / TICKS);
	const high = fromZero ? Math.ceil(most / step + 1e-9) * step : most;
	const first = Math.ceil(low / step) * step;
	const span = high - low || 1;
	return {
		ticks: Array.from({ length: Math.floor((high - first) / step + 1e-9) + 1 }, (_, i) => first + i * step),
		place: value => from + ((value - low) / span) * (to - from),
	};
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
	const power = 10 ** Math.floor(Math.log10(rough));
	return ([1, 2, 5].find(times => times * power >= rough) ?? 10) * power;
}

function mark(series: number, x: number, y: number): string {
	const [left, high] = [at(x), at(y)];
	const { mark } = LOOKS[series % LOOKS.length] as (typeof LOOKS)[number];
	if (mark === "circle") return `<circle class="mark s${series}" cx="${left}" cy="${high}" r="3.2"/>`;
	const turned = mark === "diamond" ? ` transform="rotate(45 ${left} ${high})"` : "";
	return `<rect class="mark s${series}" x="${at(x - 3)}" y="${at(y - 3)}" width="6" height="6"${turned}/>`;
}

function style(): string {
	const colours = (which: "light" | "dark") =>
		LOOKS.map((look, i) => `.line.s${i}{stroke:${look[which]}}.mark.s${i}{fill:${look[which]}}`).join("");
	const dashes = LOOKS.map(({ dash }, i) => (dash ? `.line.s${i}{stroke-dasharray:${dash}}` : "")).join("");
	return [
		"text{font-family:system-ui,sans-serif;font-size:12px}",
		".title{font-size:14px;font-weight:600}.line{fill:none;stroke-width:2;stroke-linejoin:round}",
		".ground{fill:#fff}text{fill:#1f2328}.grid{stroke:#d1d9e0}.axis{stroke:#59636e}",
		colours("light"),
		dashes,
		`@media(prefers-color-scheme:dark){.ground{fill:#0d1117}text{fill:#f0f6fc}.grid{stroke:#3d444d}.axis{stroke:#9198a1}${colours("dark")}}`,
	].join("");
}

const at = (value: number): string => String(Math.round(value * 10) / 10);

/** 1,000 as 1k. */
function short(value: number): string {
	const size = Math.abs(value);
	const [by, unit] = size >= 1e6 ? [1e6, "M"] : size >= 1e3 ? [1e3, "k"] : [1, ""];
	return `${Number((value / by).toPrecision(3))}${unit}`;
}

const plain = (text: string): string => text.replace(/[&<>"]/g, letter => `&#${letter.codePointAt(0)};`);
