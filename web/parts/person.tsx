import type { UserCard } from "@parley/client";
import type { ReactNode } from "react";
import { Face } from "./face.tsx";

/** A person in a list: picture, name, username, and what stands at the end. */
export function PersonRow({ person, children }: { person: UserCard; children?: ReactNode }) {
	return (
		<span className="app-row">
			<Face id={person.id} name={person.displayName} url={person.avatarUrl} size={36} />
			<span className="app-row-text">
				<span className="app-row-title" dir="auto">
					{person.displayName}
				</span>
				<span className="app-row-sub">@{person.username}</span>
			</span>
			{children}
		</span>
	);
}
