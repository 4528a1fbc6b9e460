import { useState } from "react";
import { hueOf, initialsOf } from "./avatar.rules.ts";
import { useTexts } from "./context.tsx";
import type { AvatarProps } from "./slots.ts";

/** A picture, or initials on the person's own colour, and a dot for their presence. */
export function Avatar({ id, name, url, size = 36, status }: AvatarProps) {
	const texts = useTexts();
	const [failed, setFailed] = useState<string | null>(null);
	const isPicture = url && url !== failed;
	return (
		<span
			className="parley-avatar"
			style={{ "--parley-size": `${size}px`, "--parley-hue": hueOf(id) } as React.CSSProperties}
		>
			{isPicture ? (
				<img
					className="parley-avatar-face"
					src={url}
					alt=""
					loading="lazy"
					decoding="async"
					referrerPolicy="no-referrer"
					onError={() => setFailed(url)}
				/>
			) : (
				<span className="parley-avatar-face" aria-hidden="true">
					{initialsOf(name)}
				</span>
			)}
			{status && status !== "offline" && (
				<span className="parley-dot" data-status={status} role="img" aria-label={texts.presence[status]} />
			)}
		</span>
	);
}
