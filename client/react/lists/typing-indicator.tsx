import { useTexts } from "../context.tsx";
import { useTyping } from "../hooks/use-typing.ts";
import { useUsers } from "../hooks/use-user.ts";

/** Who writes now. Its place is kept when nobody does, so that nothing moves. */
export function TypingIndicator() {
	const { header } = useTexts();
	const { userIds } = useTyping();
	const users = useUsers(userIds);
	return (
		<div className="parley-typing">
			{users.length > 0 && (
				<>
					<span className="parley-typing-dots" aria-hidden="true">
						<span />
						<span />
						<span />
					</span>
					<span className="parley-typing-text">{header.typing(users.map(user => user.displayName))}</span>
				</>
			)}
		</div>
	);
}
