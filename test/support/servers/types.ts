export type Settings = Record<string, string | number | boolean>;

export interface StartOptions {
	/** The server's own settings, in its own names: `{ fsync: "off" }`, `{ appendonly: "yes" }`, `{ "message.max.bytes": 2e6 }`. */
	settings?: Settings;
	/** Default: a free one. */
	port?: number;
	/** Keeps the data here and lets the server outlive this process. Default: a temporary folder, gone at the end. */
	folder?: string;
	/** Where its temporary folder is made. Default: the system's place for them. */
	within?: string;
	/** A program of this machine though an engine runs: its settings name files. */
	native?: boolean;
}

/** A server that was started here, and can be treated badly. */
export interface ServerProcess {
	/** What a client connects with: `postgres://…`, `redis://…`, or Kafka's `host:port`. */
	readonly url: string;
	readonly port: number;
	/** Undefined while it is down, and where it runs in a container. */
	readonly pid: number | undefined;
	/** SIGKILL to the process and all its children, as when the machine dies: nothing is flushed, nothing said. */
	kill9(): Promise<void>;
	/** Freezes it with all its children: connections stay open, nobody answers. */
	sigstop(): Promise<void>;
	sigcont(): Promise<void>;
	/** Starts it again on the same port and data; stops it in an orderly way before, where it still runs. */
	restart(): Promise<void>;
	/** Ends it, and removes its data if they were temporary. */
	stop(): Promise<void>;
	/** The end of its log. */
	log(): string;
}
