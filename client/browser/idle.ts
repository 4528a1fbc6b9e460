const IDLE_MS = 5 * 60_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** Whether nobody has touched the device, or come back to the page, for 5 minutes. */
export function watchIdle(): () => boolean {
	let touchedAt = Date.now();
	const touched = () => {
		touchedAt = Date.now();
	};
	for (const sign of SIGNS) addEventListener(sign, touched, { capture: true, passive: true });
	document.addEventListener("visibilitychange", () => {
		if (document.visibilityState === "visible") touched();
	});
	return () => Date.now() - touchedAt > IDLE_MS;
}
