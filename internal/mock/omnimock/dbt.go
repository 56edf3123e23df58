// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// The ways in which Omni reaches a dbt repository.
const (
	dbtSSH       = "ssh"
	dbtToken     = "https_token"
	dbtGitHubApp = "github_app"
)

// DBT is the dbt configuration of a connection. Its token is in the vault, under
// the id of the connection and the name token.
type DBT struct {
	AuthMethod           string
	SSHURL               string
	Branch               string
	ProjectRootPath      *string
	DBTVersion           string
	AutogenRelationships bool
	EnableSemanticLayer  bool
	EnableVirtualSchemas bool

	GitHubAppInstallationID *string
	CommitterEmail          *string
	CommitterName           *string
	SigningPublicKey        *string
	// DeployKey is the public key that the web interface shows of a repository
	// that is reached by SSH, "" for others. No route returns it.
	DeployKey string
}

// dbtStore is what the server keeps of dbt.
type dbtStore struct {
	dbt             map[string]*DBT // by connection
	dbtEnvironments map[string]*DBTEnvironment
	members         map[string]bool // who can own an environment
}

func newDBTStore() dbtStore {
	return dbtStore{dbt: map[string]*DBT{}, dbtEnvironments: map[string]*DBTEnvironment{}, members: map[string]bool{}}
}

func (s *Server) dbtRoutes() routes {
	if s.opts.Generation == Guide2025 {
		return nil // the first guide knows no dbt
	}
	all := routes{"connections/*/dbt": {"GET": s.getDBT, "PUT": s.putDBT, "DELETE": s.deleteDBT}}
	if s.opts.Generation == Current {
		all["connections/*/dbt/rotate-signing-key"] = map[string]handler{"POST": s.rotateSigningKey}
	}
	maps.Copy(all, s.dbtEnvironmentRoutes())
	return all
}

// supportsDBT reports whether a dialect has dbt. Choice: nothing says which
// have; here those have not for which dbt has no adapter of its own vendors.
func supportsDBT(dialect string) bool {
	return !slices.Contains([]string{"exasol", "mariadb", "sap_hana", "starrocks"}, dialect)
}

// dbtConnection returns the connection of a path.
func (s *Server) dbtConnection(call call) (*connection, error) {
	if err := checkID(call.id); err != nil {
		return nil, err
	}
	c, ok := s.live(call.id)
	if !ok {
		return nil, refuse(http.StatusNotFound, "Connection not found")
	}
	return c, nil
}

// getDBT answers 200 also where there is nothing.
func (s *Server) getDBT(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	c, err := s.dbtConnection(call)
	if err != nil {
		return answer{}, err
	}
	config, ok := s.dbt[c.id]
	if !ok {
		return answer{http.StatusOK, map[string]any{
			"supportsDbt": supportsDBT(c.dialect()), "message": "dbt not configured for this connection",
		}}, nil
	}
	return answer{http.StatusOK, s.dbtObject(config)}, nil
}

// dbtObject is a configuration as the generation shows it.
func (s *Server) dbtObject(d *DBT) map[string]any {
	shown := map[string]any{
		"autogenRelationships": d.AutogenRelationships,
		"branch":               d.Branch,
		"dbtVersion":           d.DBTVersion,
		"enableSemanticLayer":  d.EnableSemanticLayer,
		"enableVirtualSchemas": d.EnableVirtualSchemas,
		"projectRootPath":      d.ProjectRootPath,
		"sshUrl":               d.SSHURL,
		"supportsDbt":          true,
	}
	if s.opts.Generation == Current {
		shown["authMethod"] = d.AuthMethod
		shown["githubAppInstallationId"] = d.GitHubAppInstallationID
		shown["commitSigningCommitterEmail"] = d.CommitterEmail
		shown["commitSigningCommitterName"] = d.CommitterName
		shown["commitSigningPublicKey"] = d.SigningPublicKey
	}
	return shown
}

// putDBT replaces the configuration: a key with a default that is left out gets
// it. The newest generation answers the object, 201 for a first one; the others
// answer a message.
func (s *Server) putDBT(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	c, err := s.dbtConnection(call)
	if err != nil {
		return answer{}, err
	}
	body, err := parseObject(call.body)
	if err != nil {
		return answer{}, err
	}
	token, _ := body["token"].(string)
	s.Vault.Receive(token)
	before := s.dbt[c.id]
	after, rotates, err := s.newDBT(before, body)
	if err == nil && !supportsDBT(c.dialect()) {
		// Choice: the status is not documented.
		err = refuse(http.StatusBadRequest, "Connection does not support dbt")
	}
	if err != nil {
		return answer{}, s.echo(err, token)
	}

	switch {
	case after.AuthMethod != dbtSSH:
		after.DeployKey = ""
	case rotates || after.DeployKey == "":
		after.DeployKey = newPublicKey()
	}
	if token != "" {
		s.Vault.Store(c.id, map[string]string{"token": token})
	} else if after.AuthMethod != dbtToken {
		s.Vault.Remove(c.id, "token")
	}
	s.dbt[c.id] = after
	switch {
	case s.opts.Generation != Current:
		return answer{http.StatusOK, map[string]any{"success": true, "message": "dbt configuration updated successfully"}}, nil
	case before == nil:
		return answer{http.StatusCreated, s.dbtObject(after)}, nil
	default:
		return answer{http.StatusOK, s.dbtObject(after)}, nil
	}
}

// projectRoot is the specification's pattern; Go has no look-ahead.
var (
	projectRoot = regexp.MustCompile(`^[\w ./-]+$`)
	tokenForm   = regexp.MustCompile(`^[a-zA-Z0-9_\-.]+$`)
)

// newDBT checks the body of a PUT against what is configured, nil for nothing.
func (s *Server) newDBT(before *DBT, body map[string]any) (after *DBT, rotates bool, err error) {
	allowed := []string{
		"autogenRelationships", "branch", "dbtVersion", "enableSemanticLayer",
		"enableVirtualSchemas", "projectRootPath", "rotateKeys", "sshUrl",
	}
	if s.opts.Generation == Current {
		allowed = append(allowed, "authMethod", "token", "githubAppInstallationId", "commitSigningCommitterEmail", "commitSigningCommitterName")
	}
	if err := onlyKeys(body, allowed); err != nil {
		return nil, false, err
	}
	after = &DBT{AuthMethod: dbtSSH}
	if before != nil { // what is kept where the key is left out
		after = &DBT{
			AuthMethod: before.AuthMethod, GitHubAppInstallationID: before.GitHubAppInstallationID,
			CommitterEmail: before.CommitterEmail, CommitterName: before.CommitterName,
			SigningPublicKey: before.SigningPublicKey, DeployKey: before.DeployKey,
		}
	}
	in := &bodyReader{body: body}
	after.AutogenRelationships = in.boolean("autogenRelationships", true)
	after.Branch = in.text("branch", 1, 0)
	after.EnableVirtualSchemas = in.boolean("enableVirtualSchemas", true)
	after.SSHURL = in.text("sshUrl", 1, 0)
	after.EnableSemanticLayer = in.boolean("enableSemanticLayer", false)
	rotates = in.boolean("rotateKeys", false)
	after.ProjectRootPath = in.nullableText("projectRootPath")
	// Choice: without the key, or with null, the version is the default.
	after.DBTVersion = "Auto"
	if version := in.nullableText("dbtVersion"); version != nil {
		after.DBTVersion = *version
	}
	if in.has("authMethod") {
		after.AuthMethod = in.text("authMethod", 0, 0)
	}
	if in.has("githubAppInstallationId") {
		id := in.text("githubAppInstallationId", 0, 0)
		after.GitHubAppInstallationID = &id
	}
	if in.has("token") {
		in.text("token", 0, 1000)
	}
	for key, field := range map[string]**string{"commitSigningCommitterEmail": &after.CommitterEmail, "commitSigningCommitterName": &after.CommitterName} {
		if in.has(key) {
			value := in.text(key, 1, map[string]int{"commitSigningCommitterEmail": 320, "commitSigningCommitterName": 255}[key])
			*field = &value
		}
	}
	if in.err == nil {
		in.err = checkDBT(before, after, in, rotates)
	}
	return after, rotates, in.err
}

// checkDBT judges a configuration as a whole. Another address or another method
// connects a repository, which needs the credentials again; what is only updated
// keeps them.
func checkDBT(before, after *DBT, in *bodyReader, rotates bool) error {
	connects := before == nil || before.AuthMethod != after.AuthMethod || before.SSHURL != after.SSHURL
	root := after.ProjectRootPath
	if root != nil && *root == "" {
		after.ProjectRootPath, root = nil, nil
	}
	switch token, _ := in.body["token"].(string); {
	case root != nil && (!projectRoot.MatchString(*root) || strings.HasPrefix(*root, "/") || strings.Contains(*root, "..")):
		return invalid("projectRootPath", "Invalid")
	case !slices.Contains([]string{"Auto", "1.11", "1.12"}, after.DBTVersion):
		// Choice: the supported versions are documented, not what becomes of others.
		return invalid("dbtVersion", "Unsupported dbt version")
	case !slices.Contains([]string{dbtSSH, dbtToken, dbtGitHubApp}, after.AuthMethod):
		return invalid("authMethod", "Invalid enum value. Expected 'ssh' | 'https_token' | 'github_app', received '%s'", after.AuthMethod)
	case after.AuthMethod == dbtSSH && !isSSHForm(after.SSHURL):
		return invalid("sshUrl", "Must be an SSH URL")
	case after.AuthMethod != dbtSSH && !strings.HasPrefix(after.SSHURL, "https://"):
		return invalid("sshUrl", "Must be an HTTPS URL")
	case in.has("token") && !tokenForm.MatchString(token):
		return invalid("token", "Invalid")
	case in.has("token") && after.AuthMethod != dbtToken: // Choice
		return invalid("token", "Only for authMethod https_token")
	case connects && after.AuthMethod == dbtToken && token == "":
		return required("token")
	case in.has("githubAppInstallationId") && !isDigits(*after.GitHubAppInstallationID):
		return invalid("githubAppInstallationId", "Invalid")
	case in.has("githubAppInstallationId") && after.AuthMethod != dbtGitHubApp: // Choice
		return invalid("githubAppInstallationId", "Only for authMethod github_app")
	case connects && after.AuthMethod == dbtGitHubApp && !in.has("githubAppInstallationId"):
		return required("githubAppInstallationId")
	case rotates && after.AuthMethod != dbtSSH:
		return invalid("rotateKeys", "Only for authMethod ssh")
	}
	if err := checkCommitter(in); err != nil {
		return err
	}
	if (in.has("commitSigningCommitterEmail") || in.has("commitSigningCommitterName")) && after.AuthMethod != dbtGitHubApp { // Choice
		return invalid("commitSigningCommitterEmail", "Only for authMethod github_app")
	}
	switch { // Choice: commits are signed where Omni's GitHub app makes them
	case after.AuthMethod != dbtGitHubApp:
		after.GitHubAppInstallationID, after.CommitterEmail, after.CommitterName, after.SigningPublicKey = nil, nil, nil, nil
	case after.SigningPublicKey == nil:
		key := newPublicKey()
		after.SigningPublicKey = &key
	}
	return nil
}

// checkCommitter holds that the two are set together, and that the address is one.
func checkCommitter(in *bodyReader) error {
	switch email, name := in.has("commitSigningCommitterEmail"), in.has("commitSigningCommitterName"); {
	case email && !name:
		return required("commitSigningCommitterName")
	case name && !email:
		return required("commitSigningCommitterEmail")
	case email && !emailForm.MatchString(in.text("commitSigningCommitterEmail", 0, 0)):
		return invalid("commitSigningCommitterEmail", "Invalid email")
	}
	return nil
}

// emailForm is zod's for the format email, near enough. Choice: letters beyond ASCII
// are none of an address.
var emailForm = regexp.MustCompile(`^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+'-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$`)

var scpForm = regexp.MustCompile(`^[\w.-]+@[\w.-]+:.+$`)

func isSSHForm(address string) bool {
	return strings.HasPrefix(address, "ssh://") || scpForm.MatchString(address)
}

func newPublicKey() string {
	return "ssh-ed25519 AAAA" + strings.ReplaceAll(uuid.NewString(), "-", "")
}

// deleteDBT unlinks the repository. Choice: the environments end with it.
func (s *Server) deleteDBT(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	if err := checkID(call.id); err != nil {
		return answer{}, err
	}
	c, ok := s.live(call.id)
	if ok {
		_, ok = s.dbt[c.id]
	}
	if !ok {
		return answer{}, refuse(http.StatusNotFound, "Connection not found or dbt not configured")
	}
	s.unlinkDBT(c.id)
	return answer{http.StatusOK, map[string]any{"success": true, "message": "dbt repository unlinked successfully"}}, nil
}

func (s *Server) unlinkDBT(connectionID string) {
	delete(s.dbt, connectionID)
	s.Vault.Remove(connectionID, "token")
	for id, e := range s.dbtEnvironments {
		if e.ConnectionID == connectionID {
			s.removeDBTEnvironment(id)
		}
	}
}

// rotateSigningKey replaces the key that commits are signed with, by one of the
// client's or, as without a body, by a new one.
func (s *Server) rotateSigningKey(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	c, err := s.dbtConnection(call)
	if err != nil {
		return answer{}, err
	}
	body := map[string]any{}
	if len(call.body) > 0 {
		if body, err = parseObject(call.body); err != nil {
			return answer{}, err
		}
	}
	key, _ := body["signingPrivateKey"].(string)
	passphrase, _ := body["signingKeyPassphrase"].(string)
	s.Vault.Receive(key)
	s.Vault.Receive(passphrase)
	if err := s.checkSigningKey(c, body); err != nil {
		return answer{}, s.echo(err, key, passphrase)
	}
	config := s.dbt[c.id]
	public := newPublicKey()
	config.SigningPublicKey = &public
	if email, ok := body["commitSigningCommitterEmail"].(string); ok {
		name, _ := body["commitSigningCommitterName"].(string)
		config.CommitterEmail, config.CommitterName = &email, &name
	}
	if key != "" {
		s.Vault.Store(c.id, map[string]string{"signingPrivateKey": key})
	}
	return answer{http.StatusOK, s.dbtObject(config)}, nil
}

func (s *Server) checkSigningKey(c *connection, body map[string]any) error {
	if err := onlyKeys(body, []string{"signingPrivateKey", "signingKeyPassphrase", "commitSigningCommitterEmail", "commitSigningCommitterName"}); err != nil {
		return err
	}
	in := &bodyReader{body: body}
	for key, most := range map[string]int{"signingPrivateKey": 0, "signingKeyPassphrase": 0, "commitSigningCommitterEmail": 320, "commitSigningCommitterName": 255} {
		if in.has(key) {
			in.text(key, 1, most)
		}
	}
	if in.err != nil {
		return in.err
	}
	config, ok := s.dbt[c.id]
	switch {
	case !ok: // Choice: the text is not documented
		return refuse(http.StatusNotFound, "Connection not found or dbt not configured")
	case config.AuthMethod != dbtGitHubApp:
		return refuse(http.StatusUnprocessableEntity, "Commit signing is only available for GitHub App connections")
	case in.has("signingKeyPassphrase") && !in.has("signingPrivateKey"): // Choice
		return required("signingPrivateKey")
	}
	return checkCommitter(in)
}

// DBT returns the dbt configuration of a connection.
func (s *Server) DBT(connectionID string) (DBT, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	config, ok := s.dbt[connectionID]
	if !ok {
		return DBT{}, false
	}
	return *config, true
}

// EditDBT changes the dbt configuration of a connection, as the web interface
// does, and makes one first where there is none. It panics if there is no such
// connection.
func (s *Server) EditDBT(connectionID string, edit func(*DBT)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := DBT{AuthMethod: dbtSSH, SSHURL: "git@github.com:org/repo.git", Branch: "main", DBTVersion: "Auto", DeployKey: newPublicKey()}
	if config, ok := s.dbt[s.mustConnection(connectionID).id]; ok {
		changed = *config
	}
	edit(&changed)
	s.dbt[connectionID] = &changed
}

// UnlinkDBT removes the dbt configuration of a connection. It panics if there is
// no such connection.
func (s *Server) UnlinkDBT(connectionID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unlinkDBT(s.mustConnection(connectionID).id)
}
