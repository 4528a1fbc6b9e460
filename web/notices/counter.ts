/** How many messages wait, where it is seen with the page in the background: title, favicon, the app's icon. */
import { badgeText, titleOf } from "./notices.rules.ts";

const SIZE = 64;
const ICON = "/icons/icon-64.png";

let shown = 0;
let picture: HTMLImageElement | null = null;

export function showCount(count: number): void {
	document.title = titleOf(count);
	if (count === shown) return;
	shown = count;
	void drawFavicon(count);
	// Only where the app is installed; elsewhere it is refused, and nothing is lost.
	if ("setAppBadge" in navigator) void navigator.setAppBadge(count).catch(() => undefined);
}

async function drawFavicon(count: number): Promise<void> {
	const link = document.querySelector<HTMLLinkElement>("link[rel='icon'][type='image/png']");
	if (!link) return;
	if (count === 0) {
		link.href = ICON;
		return;
	}
	picture ??= await load(ICON);
	const canvas = document.createElement("canvas");
	canvas.width = SIZE;
	canvas.height = SIZE;
	const pen = canvas.getContext("2d");
	// What was asked for first may be ready last.
	if (!pen || !picture || count !== shown) return;
	pen.drawImage(picture, 0, 0, SIZE, SIZE);
	drawBadge(pen, badgeText(count));
	link.href = canvas.toDataURL("image/png");
}

function drawBadge(pen: CanvasRenderingContext2D, text: string): void {
	const radius = 21;
	const center = SIZE - radius;
	pen.beginPath();
	pen.arc(center, radius, radius, 0, 2 * Math.PI);
	pen.fillStyle = "#d92d3a";
	pen.fill();
	pen.fillStyle = "#fff";
	pen.font = `700 ${text.length > 1 ? 25 : 32}px system-ui, sans-serif`;
	pen.textAlign = "center";
	pen.textBaseline = "middle";
	pen.fillText(text, center, radius + 2);
}

function load(address: string): Promise<HTMLImageElement | null> {
	return new Promise(resolve => {
		const image = new Image();
		image.onload = () => resolve(image);
		image.onerror = () => resolve(null);
		image.src = address;
	});
}
