/**
 * An application that signs in its own users: it makes a token for whoever is signed in there. Parley takes it with
 * CHAT_JWT_ISSUERS='[{"issuer":"https://my-app.example","audience":"parley","algorithms":["HS256"],"secret":"…"}]'
 */
import { createServer } from "node:http";
import jwt from "jsonwebtoken";

const { CHAT_SECRET = "at least 32 bytes, and yours alone", PORT = "4000" } = process.env;
const options = { issuer: "https://my-app.example", audience: "parley", expiresIn: 600 } as const;
/** Yours: whoever the request's own cookie or session says. */
const whoAsks = () => ({ id: "7", name: "Grace Hopper", picture: "https://my-app.example/7.png" });
const server = createServer((_req, res) => {
	const { id, name, picture } = whoAsks();
	res.end(jwt.sign({ name, picture }, CHAT_SECRET, { ...options, subject: id }));
});
server.listen(Number(PORT), "127.0.0.1", () => console.log(`tokens at http://127.0.0.1:${PORT}/chat-token`));
