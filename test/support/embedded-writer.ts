/** A process that inserts rows as fast as it can and prints the number of each that was acknowledged. Run with the data folder. */
import pg from "pg";
import { startEmbedded } from "../../lib/embedded/index.ts";

const { endpoint } = await startEmbedded(process.argv[2] as string);
const client = new pg.Client({
	host: endpoint.socketDir,
	port: endpoint.port,
	user: endpoint.user,
	database: endpoint.database,
});
await client.connect();
await client.query("CREATE TABLE IF NOT EXISTS written (id bigserial PRIMARY KEY, text text NOT NULL)");
for (;;) {
	const { rows } = await client.query({
		name: "write",
		text: "INSERT INTO written (text) VALUES ($1) RETURNING id",
		values: ["x".repeat(500)],
	});
	process.stdout.write(`${rows[0].id}\n`);
}
