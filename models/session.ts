import { DataTypes, type Model, type ModelStatic, type Sequelize } from "sequelize";

/** A row of `sessions`. No token is stored: refresh tokens follow from id and generation by HMAC. */
export interface SessionRow {
	id: string;
	userId: string;
	/** How many times it was refreshed. */
	generation: number;
	/** When the latest generations began; only the last seconds' are kept. */
	rotations: Date[];
	userAgent: string | null;
	createdAt: Date;
	lastUsedAt: Date;
	expiresAt: Date;
	endedAt: Date | null;
}

export type SessionModel = ModelStatic<Model<SessionRow, Partial<SessionRow>> & SessionRow>;

export function sessionModel(sequelize: Sequelize, schema: string): SessionModel {
	return sequelize.define<Model<SessionRow, Partial<SessionRow>> & SessionRow>(
		"session",
		{
			id: { type: DataTypes.UUID, primaryKey: true },
			userId: DataTypes.UUID,
			generation: DataTypes.INTEGER,
			rotations: DataTypes.ARRAY(DataTypes.DATE),
			userAgent: DataTypes.TEXT,
			createdAt: DataTypes.DATE,
			lastUsedAt: DataTypes.DATE,
			expiresAt: DataTypes.DATE,
			endedAt: DataTypes.DATE,
		},
		{ tableName: "sessions", schema, underscored: true, timestamps: false },
	);
}
