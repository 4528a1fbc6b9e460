import { Avatar, type AvatarProps } from "@parley/react";

/** A picture only where it is ours: the page's policy keeps those of other hosts out, who would see who looks. */
export function Face(props: AvatarProps) {
	return <Avatar {...props} url={isOurs(props.url) ? props.url : null} />;
}

function isOurs(url: string | null | undefined): url is string {
	if (!url) return false;
	try {
		return new URL(url, location.href).origin === location.origin;
	} catch {
		return false;
	}
}
