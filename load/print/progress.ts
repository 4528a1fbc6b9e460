const WIDTH = 30;

/** A line that fills; on anything but a terminal, its beginning and end only. */
export function progressBar(label: string) {
	const live = process.stderr.isTTY;
	let last = -1;
	if (!live) process.stderr.write(`${label} …\n`);
	return {
		at(share: number): void {
			const filled = Math.round(share * WIDTH);
			if (!live || filled === last) return;
			last = filled;
			process.stderr.write(`\r${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${label}`);
		},
		end(): void {
			if (live) process.stderr.write("\r\x1b[K");
		},
	};
}
