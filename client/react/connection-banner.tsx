import type { Client, ConnectionStatus } from "@parley/client";
import { useEffect, useState } from "react";
import { useClient, useParley } from "./context.tsx";
import { useConnection } from "./hooks/use-connection.ts";
import type { Texts } from "./i18n/en.ts";
import { OfflineIcon } from "./icons.tsx";

/** Says that one is offline or reconnecting; nothing while all is well. */
export function ConnectionBanner() {
	const { texts } = useParley();
	const { status, retryAt, waiting } = useConnection();
	const client = useClient();
	const seconds = useSecondsUntil(retryAt);
	const text = textOf(status, texts);
	if (text === null) return <div className="parley-banner-place" role="status" />;

	const isQuiet = status === "connecting" || status === "reconnecting";
	return (
		<div className="parley-banner-place" role="status">
			<div className="parley-banner" data-status={status}>
				{isQuiet ? <span className="parley-spinner" /> : <OfflineIcon width={18} height={18} />}
				<span className="parley-banner-text">
					{text}
					{/* Counting down aloud would drown out everything else. */}
					{status === "unreachable" && seconds !== null && (
						<span aria-hidden="true"> {texts.connection.retryIn(seconds)}</span>
					)}
					{waiting > 0 && <> {waitingText(client, waiting, texts)}</>}
				</span>
				{status === "unreachable" && (
					<button type="button" className="parley-button-quiet" onClick={() => client.connect()}>
						{texts.messages.tryAgain}
					</button>
				)}
			</div>
		</div>
	);
}

/**
 * Of messages where nothing else waits but how far one has read, of which each chat that was opened may hold one mark;
 * of chats that were not opened one cannot tell.
 */
function waitingText(client: Client, waiting: number, { connection }: Texts): string {
	let sends = 0;
	let changes = 0;
	let opened = 0;
	for (const { chat } of client.inbox.get().items) {
		const { messages } = client.chat(chat.id).state.get();
		opened += Number(messages.length > 0);
		for (const { delivery, change } of messages) {
			sends += Number(delivery.state === "pending");
			changes += Number(change?.state === "pending");
		}
	}
	const isOfMessages = sends > 0 && changes === 0 && waiting - sends <= opened;
	return isOfMessages ? connection.waitingMessages(sends) : connection.waiting(waiting);
}

function textOf(status: ConnectionStatus, { connection }: Texts): string | null {
	switch (status) {
		case "connecting":
			return connection.connecting;
		case "reconnecting":
			return connection.reconnecting;
		case "offline":
			return connection.offline;
		case "unreachable":
			return connection.unreachable;
		case "signed-out":
			return connection.signedOut;
		default:
			return null;
	}
}

const SECOND_MS = 1_000;

function useSecondsUntil(time: number | null): number | null {
	const [now, setNow] = useState(() => Date.now());
	useEffect(() => {
		if (time === null) return;
		const look = () => setNow(Date.now());
		look();
		const timer = setInterval(look, SECOND_MS);
		return () => clearInterval(timer);
	}, [time]);
	return time === null ? null : Math.max(0, Math.ceil((time - now) / SECOND_MS));
}
