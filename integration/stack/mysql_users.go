package stack

import (
	"context"
	"fmt"
	"strings"
)

// debeziumGrants are the privileges Debezium's documentation asks for, no more:
// "Setting up MySQL", creating a user.
const debeziumGrants = "SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT ON *.*"

// GrantDebezium creates a user a Debezium connector can capture with. A
// connector that does not use TLS needs driver.allowPublicKeyRetrieval=true
// with MySQL's caching_sha2_password.
func (m *MySQL) GrantDebezium(ctx context.Context, user, password string) error {
	return m.CreateUser(ctx, user, password, debeziumGrants)
}

// CreateUser makes sure of a user that may log in from anywhere, with that
// password and with grants as they stand between GRANT and TO: "SELECT, INSERT
// ON shop.*".
func (m *MySQL) CreateUser(ctx context.Context, user, password string, grants ...string) error {
	db, err := m.DB()
	if err != nil {
		return err
	}
	who := sqlQuote(user) + "@'%'"
	statements := []string{
		"CREATE USER IF NOT EXISTS " + who,
		"ALTER USER " + who + " IDENTIFIED BY " + sqlQuote(password),
	}
	for _, grant := range grants {
		statements = append(statements, "GRANT "+grant+" TO "+who)
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("creating the user %s on %s: %w", user, m.options.Name, err)
		}
	}
	return nil
}

func sqlQuote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(text) + "'"
}
