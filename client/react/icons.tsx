import type { ReactNode, SVGProps } from "react";

/** One stroke for all: 24 × 24, 1.75 wide, round; the colour and size are the text's. */
function icon(paths: ReactNode, extra?: SVGProps<SVGSVGElement>) {
	return function drawn(props: SVGProps<SVGSVGElement>) {
		return (
			<svg
				aria-hidden="true"
				className="parley-icon"
				viewBox="0 0 24 24"
				width="20"
				height="20"
				fill="none"
				stroke="currentColor"
				strokeWidth={1.75}
				strokeLinecap="round"
				strokeLinejoin="round"
				{...extra}
				{...props}
			>
				{paths}
			</svg>
		);
	};
}

/** Mirrored where the text runs from right to left. */
const directed = { className: "parley-icon parley-icon-directed" };

export const BackIcon = icon(<path d="M15 5l-7 7 7 7" />, directed);
export const ForwardIcon = icon(<path d="M14 6l6 6-6 6M20 12h-9a7 7 0 0 0-7 7" />, directed);
export const ReplyIcon = icon(<path d="M10 6l-6 6 6 6M4 12h9a7 7 0 0 1 7 7" />, directed);
export const ThreadIcon = icon(
	<path d="M20 11.5a7.5 7.5 0 0 1-11 6.6L4 19.5l1.4-4.6A7.5 7.5 0 1 1 20 11.5zM9.5 10h6M9.5 13.5h4" />,
	directed,
);
export const ChatIcon = icon(
	<path d="M20 11.5a7.5 7.5 0 0 1-11 6.6L4 19.5l1.4-4.6A7.5 7.5 0 1 1 20 11.5z" />,
	directed,
);
export const SendIcon = icon(<path d="M4.5 12L3.5 4.5 21 12 3.5 19.5 4.5 12zM4.5 12H12" />, directed);
export const EmojiIcon = icon(
	<>
		<circle cx="12" cy="12" r="8.5" />
		<path d="M8.5 14.2a4.3 4.3 0 0 0 7 0M9 9.7v.1M15 9.7v.1" />
	</>,
);
export const AddReactionIcon = icon(
	<path d="M19.6 10.3A8.5 8.5 0 1 1 13.7 3.7M8.5 14.2a4.3 4.3 0 0 0 7 0M9 9.7v.1M15 9.7v.1M18.5 2.5v6M15.5 5.5h6" />,
);
export const MoreIcon = icon(<path strokeWidth={2.5} d="M5.5 12v.01M12 12v.01M18.5 12v.01" />);
export const CloseIcon = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const SearchIcon = icon(
	<>
		<circle cx="10.5" cy="10.5" r="6.5" />
		<path d="M15.5 15.5L20.5 20.5" />
	</>,
);
export const EditIcon = icon(
	<path d="M4.5 19.5l.9-4L16 4.9a1.9 1.9 0 0 1 2.7 0l.4.4a1.9 1.9 0 0 1 0 2.7L8.5 18.6l-4 .9zM14 7l3 3" />,
);
export const NewChatIcon = icon(
	<path d="M19.5 12.5V18a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6.5a2 2 0 0 1 2-2h5.5M10 14l.6-2.9L18.3 3.4a1.4 1.4 0 0 1 2 0l.3.3a1.4 1.4 0 0 1 0 2L12.9 13.4z" />,
);
export const DeleteIcon = icon(
	<path d="M4.5 6.5h15M9.5 6.5V4.8a1 1 0 0 1 1-1h3a1 1 0 0 1 1 1v1.7M6.5 6.5l.8 12a1.5 1.5 0 0 0 1.5 1.4h6.4a1.5 1.5 0 0 0 1.5-1.4l.8-12M10.3 10.5v5.5M13.7 10.5v5.5" />,
);
export const CopyIcon = icon(
	<>
		<rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2" />
		<path d="M15.5 8.5V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7.5a2 2 0 0 0 2 2h2.5" />
	</>,
);
export const LinkIcon = icon(
	<path d="M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L11.8 6.5M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.3-1.3" />,
);
export const PinIcon = icon(<path d="M12 15.5V21M8.5 3.5h7l-.7 6.2 2.7 3.3v2.5h-11V13l2.7-3.3z" />);
export const UnpinIcon = icon(
	<path d="M12 15.5V21M8.5 3.5h7l-.7 6.2 2.7 3.3v2.5h-11V13l2.7-3.3zM3.5 3.5l17 17" />,
);
export const CheckIcon = icon(<path d="M5 12.5l4.7 4.7L19.5 7" />);
export const SentIcon = icon(<path d="M6 12.5l4 4 8-9" />);
export const DeliveredIcon = icon(<path d="M2.5 12.5l4 4 8-9M11 15.3l1.3 1.2 8-9" />);
export const ClockIcon = icon(
	<>
		<circle cx="12" cy="12" r="8" />
		<path d="M12 7.5V12l3 2" />
	</>,
);
export const WarningIcon = icon(
	<>
		<circle cx="12" cy="12" r="8.5" />
		<path d="M12 7.5v5M12 16v.1" />
	</>,
);
export const MutedIcon = icon(
	<path d="M6.5 9.5a5.5 5.5 0 0 1 9-4.2M17.5 10v2.5l1.5 3.5H8M10 19a2.2 2.2 0 0 0 4 0M6.3 12.5L5 16M3.5 3.5l17 17" />,
);
export const BellIcon = icon(
	<path d="M6.5 9.5a5.5 5.5 0 0 1 11 0v3L19 16H5l1.5-3.5zM10 19a2.2 2.2 0 0 0 4 0" />,
);
export const MembersIcon = icon(
	<>
		<circle cx="9" cy="8.5" r="3.5" />
		<path d="M2.8 19.5a6.2 6.2 0 0 1 12.4 0M15.5 5.3a3.5 3.5 0 0 1 0 6.4M17.7 14.5a6.2 6.2 0 0 1 3.5 5" />
	</>,
);
export const PersonIcon = icon(
	<>
		<circle cx="12" cy="8" r="4" />
		<path d="M4.5 20a7.5 7.5 0 0 1 15 0" />
	</>,
);
export const InfoIcon = icon(
	<>
		<circle cx="12" cy="12" r="8.5" />
		<path d="M12 11v5M12 7.8v.1" />
	</>,
);
export const ChannelIcon = icon(<path d="M9.5 4L7.5 20M16.5 4l-2 16M4.5 9h15.5M4 15h15.5" />);
export const DownIcon = icon(<path d="M6 9.5l6 6 6-6" />);
export const UpIcon = icon(<path d="M6 14.5l6-6 6 6" />);
export const MentionIcon = icon(
	<>
		<circle cx="12" cy="12" r="3.5" />
		<path d="M15.5 8.5v4.7a2.4 2.4 0 0 0 4.8 0V12a8.3 8.3 0 1 0-3.3 6.6" />
	</>,
);
export const OfflineIcon = icon(
	<path d="M3.5 9.5a13 13 0 0 1 4-2.5M11 6a13 13 0 0 1 9.5 3.5M6.5 13a8.5 8.5 0 0 1 4-2.2M14.5 11.2a8.5 8.5 0 0 1 3 1.8M9.5 16.3a4 4 0 0 1 5 0M12 19.5v.1M3.5 3.5l17 17" />,
);
export const PhotoIcon = icon(
	<>
		<rect x="3.5" y="4.5" width="17" height="15" rx="2.5" />
		<circle cx="8.7" cy="9.7" r="1.5" />
		<path d="M4 17.5l4.8-4.3 3 2.6 4-4 4.7 4.4" />
	</>,
);
export const FileIcon = icon(
	<path d="M13.5 3.5H7a1.5 1.5 0 0 0-1.5 1.5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5zM13.5 3.5v5h5" />,
);
export const CalendarIcon = icon(
	<>
		<rect x="4" y="5.5" width="16" height="14.5" rx="2.5" />
		<path d="M4 10h16M8.5 3.5v4M15.5 3.5v4" />
	</>,
);
export const ShieldIcon = icon(<path d="M12 3.5l7 2.5v5.5c0 4.3-2.9 7.4-7 9-4.1-1.6-7-4.7-7-9V6z" />);
export const LeaveIcon = icon(
	<path d="M10 4.5H6.5a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2H10M15 8l4 4-4 4M19 12H9.5" />,
	directed,
);
export const ReadAllIcon = icon(<path d="M2.5 12.5l4 4 8-9M11 15.3l1.3 1.2 8-9" />);
export const RetryIcon = icon(<path d="M19 12a7 7 0 1 1-2.1-5M19.5 3.5V8H15" />);
export const AddPersonIcon = icon(
	<>
		<circle cx="10" cy="8.5" r="3.8" />
		<path d="M3 20a7 7 0 0 1 12.6-4.2M18.5 15v6M15.5 18h6" />
	</>,
);
