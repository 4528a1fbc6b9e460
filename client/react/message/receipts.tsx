import { useTexts } from "../context.tsx";
import { ClockIcon, DeliveredIcon, SentIcon, WarningIcon } from "../icons.tsx";
import type { MessagePartProps } from "../slots.ts";
import { type Tick, tickOf } from "./delivery.rules.ts";

const ICONS = {
	pending: ClockIcon,
	sent: SentIcon,
	delivered: DeliveredIcon,
	read: DeliveredIcon,
	failed: WarningIcon,
} as const satisfies Record<Tick, unknown>;

/** How far one's own message has come. */
export function Receipts({ message }: MessagePartProps) {
	const texts = useTexts().message;
	const tick = tickOf(message);
	if (!tick) return null;
	const Icon = ICONS[tick];
	const isOfChange = tick === "failed" && message.delivery.state !== "failed";
	const label = isOfChange ? texts.changeFailed : texts[tick];
	return (
		<span className="parley-tick" data-tick={tick} role="img" aria-label={label} title={label}>
			<Icon width={15} height={15} />
		</span>
	);
}
