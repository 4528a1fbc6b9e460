import { Avatar } from "./avatar.tsx";
import { useSlot } from "./context.tsx";
import { ThreadIcon } from "./icons.tsx";
import type { AvatarProps } from "./slots.ts";

export interface ChatFaceProps extends AvatarProps {
	isThread: boolean;
}

/** The face of a chat; a thread is nobody's, and has its sign. */
export function ChatFace({ isThread, ...face }: ChatFaceProps) {
	const Face = useSlot("Avatar", Avatar);
	if (!isThread) return <Face {...face} />;
	return (
		<span
			className="parley-thread-face"
			style={{ "--parley-size": `${face.size ?? 36}px` } as React.CSSProperties}
		>
			<ThreadIcon />
		</span>
	);
}
