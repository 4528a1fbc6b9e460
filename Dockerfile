# syntax=docker/dockerfile:1
FROM node:24-slim AS production
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

# The page at /docs needs one file of a package that a server has no other use for.
FROM node:24-slim AS docs-page
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production CHAT_HOST=0.0.0.0 CHAT_PORT=3000 CHAT_DATA_DIR=/data
WORKDIR /app
COPY --from=production /app/node_modules ./node_modules
COPY --from=docs-page /app/node_modules/@scalar/api-reference/package.json ./node_modules/@scalar/api-reference/package.json
COPY --from=docs-page /app/node_modules/@scalar/api-reference/dist/browser/standalone.js ./node_modules/@scalar/api-reference/dist/browser/standalone.js
COPY package.json moleculer.config.ts ./
COPY contracts ./contracts
COPY lib ./lib
COPY mixins ./mixins
COPY models ./models
COPY services ./services
COPY scripts ./scripts
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=12 \
	CMD ["node", "-e", "fetch('http://127.0.0.1:3000/health/readiness').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No npm in between: the process itself gets SIGTERM.
CMD ["node", "scripts/start.ts"]
