import { DataTypes, type Model, type ModelStatic, type Sequelize } from "sequelize";
import type { User, UserCard } from "../contracts/users.ts";

/** A row of `users`. */
export interface UserRow {
	id: string;
	username: string;
	email: string | null;
	displayName: string;
	avatarUrl: string | null;
	metadata: Record<string, unknown>;
	/** PHC string; null for users of a foreign issuer. */
	passwordHash: string | null;
	issuer: string | null;
	subject: string | null;
	createdAt: Date;
	updatedAt: Date;
}

/** What of a row is shown to anyone. */
export type ShownUser = Pick<
	UserRow,
	"id" | "username" | "displayName" | "avatarUrl" | "metadata" | "createdAt"
>;

export type UserModel = ModelStatic<Model<UserRow, Partial<UserRow>> & UserRow>;

export function userModel(sequelize: Sequelize, schema: string): UserModel {
	return sequelize.define<Model<UserRow, Partial<UserRow>> & UserRow>(
		"user",
		{
			id: { type: DataTypes.UUID, primaryKey: true },
			username: DataTypes.TEXT,
			email: DataTypes.TEXT,
			displayName: DataTypes.TEXT,
			avatarUrl: DataTypes.TEXT,
			metadata: DataTypes.JSONB,
			passwordHash: DataTypes.TEXT,
			issuer: DataTypes.TEXT,
			subject: DataTypes.TEXT,
			createdAt: DataTypes.DATE,
			updatedAt: DataTypes.DATE,
		},
		{ tableName: "users", schema, underscored: true, timestamps: false },
	);
}

/** A user as others see them. */
export function toUser(row: ShownUser): User {
	const { id, username, displayName, avatarUrl, metadata, createdAt } = row;
	return { id, username, displayName, avatarUrl, metadata, createdAt: new Date(createdAt).toISOString() };
}

/** A user as they see themselves. */
export const toSelf = (row: ShownUser & Pick<UserRow, "email">): User => ({
	...toUser(row),
	email: row.email,
});

/** The SQL columns of a card; `u` is the alias of `users`. */
export const USER_CARD_COLUMNS =
	"u.id AS user_id, u.username AS user_username, u.display_name AS user_display_name, u.avatar_url AS user_avatar_url";

export interface UserCardRow {
	user_id: string;
	user_username: string;
	user_display_name: string;
	user_avatar_url: string | null;
}

export const toCard = (row: UserCardRow): UserCard => ({
	id: row.user_id,
	username: row.user_username,
	displayName: row.user_display_name,
	avatarUrl: row.user_avatar_url,
});
