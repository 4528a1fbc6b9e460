# syntax=docker/dockerfile:1
FROM node:24.21.0-slim AS production
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

# What needs packages that a server has no other use for: the web client, and one file of the page at /docs.
FROM node:24.21.0-slim AS development
WORKDIR /app
COPY package.json package-lock.json ./
COPY client/package.json ./client/
COPY client/react/package.json ./client/react/
RUN npm ci --include=dev --ignore-scripts
COPY tsconfig.json ./
COPY contracts ./contracts
COPY client ./client
COPY web ./web
COPY scripts ./scripts
RUN node scripts/build.ts web

FROM node:24.21.0-slim
ENV NODE_ENV=production CHAT_HOST=0.0.0.0 CHAT_PORT=3000 CHAT_DATA_DIR=/data
WORKDIR /app
COPY --from=production /app/node_modules ./node_modules
COPY --from=development /app/node_modules/@scalar/api-reference/package.json ./node_modules/@scalar/api-reference/package.json
COPY --from=development /app/node_modules/@scalar/api-reference/dist/browser/standalone.js ./node_modules/@scalar/api-reference/dist/browser/standalone.js
COPY package.json moleculer.config.ts ./
COPY contracts ./contracts
COPY lib ./lib
COPY mixins ./mixins
COPY models ./models
COPY services ./services
COPY scripts ./scripts
COPY --from=development /app/web/dist ./web/dist
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=12 \
	CMD ["node", "-e", "fetch('http://127.0.0.1:3000/health/readiness').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No npm in between: the process itself gets SIGTERM.
CMD ["node", "scripts/start.ts"]
