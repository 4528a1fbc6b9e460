/** Icons of 24 × 24 in the colour of the text; each is a path drawn with a line. */
const PATHS = {
	close: "M6 6l12 12M18 6L6 18",
	back: "M15 5l-7 7 7 7",
	plus: "M12 5v14M5 12h14",
	search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4",
	hash: "M9 4L7 20M17 4l-2 16M4.5 9H20M4 15h15.5",
	people:
		"M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.8",
	person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0",
	settings:
		"M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM19.4 13.5a7.6 7.6 0 0 0 0-3l2-1.5-2-3.4-2.3 1a7.6 7.6 0 0 0-2.600-1.500L14.200 2.500h-4.400l-.3 2.600a7.600 7.600 0 0 0-2.600 1.500l-2.300-1-2 3.400 2 1.500a7.600 7.600 0 0 0 0 3l-2 1.500 2 3.400 2.300-1a7.600 7.600 0 0 0 2.600 1.500l.3 2.600h4.400l.3-2.600a7.600 7.600 0 0 0 2.600-1.500l2.300 1 2-3.400z",
	keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M7 14h10M18.500 10h.01",
	devices: "M4 5h12v9H4zM2 17h10M15 9h6v11h-6z",
	key: "M8 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11.500 12H21M18 12v3",
	swap: "M7 4L3 8l4 4M3 8h14M17 12l4 4-4 4M21 16H7",
	out: "M10 4H5v16h5M15 8l4 4-4 4M19 12H9",
	bell: "M6 10a6 6 0 0 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7zM10 20a2 2 0 0 0 4 0",
	bellOff: "M4 4l16 16M8 5.500A6 6 0 0 1 18 10c0 2 .3 3.400.8 4.400M6 10c0 5-2 6-2 7h13M10 20a2 2 0 0 0 4 0",
	info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8h.01",
	link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700L12 17",
	calendar: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
	pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6",
	trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
	edit: "M4 20l1-5L16 4l4 4L9 19zM13 7l4 4",
	check: "M5 12.500l4.500 4.500L19 7.500",
	checks: "M2 12.500l4.500 4.500L16 7.500M11 15.500l1.500 1.500L22 7.500",
	chat: "M4 5h16v11H11l-5 4v-4H4z",
	eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
	megaphone: "M4 10v4h3l8 4V6l-8 4zM7 14l1.500 5H11l-1-4M18 9.500a4 4 0 0 1 0 5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
	return (
		<svg
			className="app-icon"
			data-icon={name}
			width={size}
			height={size}
			viewBox="0 0 24 24"
			aria-hidden="true"
		>
			<path d={PATHS[name]} />
		</svg>
	);
}
