// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiondbt

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// scpForm is the short form of an SSH address: user@host:path.
var scpForm = regexp.MustCompile(`^[^\s@/]+@[^\s@/:]+:[^\s]+$`)

func isSSH(address string) bool {
	return strings.HasPrefix(address, "ssh://") || scpForm.MatchString(address)
}

func isHTTPS(address string) bool { return strings.HasPrefix(address, "https://") }

// repositoryAddress takes both forms; which one is right depends on the
// authentication method. A token in an address would be kept in the state and
// shown to every reader of the configuration.
func repositoryAddress() validator.String {
	return framework.CheckString("an SSH or https address of a Git repository", func(value string) error {
		if !isSSH(value) && !isHTTPS(value) {
			return errors.New("expected an address of a Git repository: git@github.com:org/repo.git, or one that begins with ssh:// or https://")
		}
		if isHTTPS(value) {
			u, err := url.Parse(value)
			switch {
			case err != nil || u.Host == "": // the error would repeat the address
				return errors.New("expected an absolute URL that begins with https://")
			case u.User != nil:
				return errors.New("an https address must not have a user or a password: the address is not kept secret. Give the token in token_wo")
			}
		}
		return nil
	})
}

var rootPathForm = regexp.MustCompile(`^[\w ./-]+$`)

func projectRootPath() validator.String {
	return framework.CheckString("a relative path without ..", func(value string) error {
		switch {
		case value == "":
			return errors.New("leave project_root_path out for the root of the repository")
		case strings.HasPrefix(value, "/"):
			return errors.New("the path is relative to the root of the repository: remove the / at its beginning")
		case strings.Contains(value, `\`):
			return errors.New(`write / instead of \`)
		case strings.Contains(value, ".."):
			return errors.New("the path cannot contain two dots in a row")
		case !rootPathForm.MatchString(value):
			return errors.New("the path can have only letters of the English alphabet, digits, spaces and . / - _")
		}
		return nil
	})
}

var onlyDigits = regexp.MustCompile(`^[0-9]+$`)

// emailForm is that of an address which servers take: near enough to catch a name in
// its place, or a slip.
var emailForm = regexp.MustCompile(`^[^\s@<>,;"]+@[^\s@<>,;".]+(\.[^\s@<>,;".]+)+$`)

func emailAddress() validator.String {
	return framework.CheckString("an e-mail address", func(value string) error {
		if value != "" && !emailForm.MatchString(value) { // an empty one has its own error
			return errors.New("expected an e-mail address alone, such as bot@example.com")
		}
		return nil
	})
}

func digits() validator.String {
	return framework.CheckString("text of digits", func(value string) error {
		if !onlyDigits.MatchString(value) {
			return errors.New("expected digits only, such as 12345678: the number at the end of the installation's address on GitHub")
		}
		return nil
	})
}

var tokenCharacters = regexp.MustCompile(`^[a-zA-Z0-9_\-.]+$`)

func tokenForm() validator.String {
	return framework.CheckString("letters, digits, _, - and .", func(value string) error {
		if value != "" && !tokenCharacters.MatchString(value) { // an empty one has its own error
			return errors.New("a token consists of letters, digits, _, - and . only; it may contain a stray space or line break")
		}
		return nil
	})
}

// checkMethod checks what is configured against the authentication method. It
// judges neither what is unknown nor a method that it does not know.
func checkMethod(config model) diag.Diagnostics {
	var diags diag.Diagnostics
	if !framework.IsSet(config.AuthMethod) {
		return diags
	}
	method := config.AuthMethod.ValueString()
	if framework.IsSet(config.SSHURL) {
		diags.Append(checkAddress(method, config.SSHURL.ValueString())...)
	}
	for _, one := range []struct {
		name  string
		value attr.Value
		only  string
	}{
		{"token", config.Token, omni.DBTAuthToken},
		{"token_wo", config.TokenWO, omni.DBTAuthToken},
		{"github_app_installation_id", config.GitHubAppInstallationID, omni.DBTAuthGitHubApp},
		{"commit_signing_committer_email", config.CommitterEmail, omni.DBTAuthGitHubApp},
		{"commit_signing_committer_name", config.CommitterName, omni.DBTAuthGitHubApp},
	} {
		if !one.value.IsNull() && isKnownMethod(method) && method != one.only {
			diags.AddAttributeError(path.Root(one.name), fmt.Sprintf("auth_method %s does not use %s", method, one.name),
				fmt.Sprintf("Remove %s, or set auth_method to %q.", one.name, one.only))
		}
	}
	return diags
}

func isKnownMethod(method string) bool {
	return method == omni.DBTAuthSSH || method == omni.DBTAuthToken || method == omni.DBTAuthGitHubApp
}

// mayUseToken reports whether the repository is, or may be, reached by a token.
func (m model) mayUseToken() bool {
	method := m.AuthMethod.ValueString()
	return method == omni.DBTAuthToken || !isKnownMethod(method)
}

func checkAddress(method, address string) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case method == omni.DBTAuthSSH && !isSSH(address):
		diags.AddAttributeError(path.Root("ssh_url"), "The address does not fit the authentication method",
			"auth_method is ssh, so ssh_url must have the form git@github.com:org/repo.git or ssh://... . For an https address set auth_method to https_token or github_app.")
	case isKnownMethod(method) && method != omni.DBTAuthSSH && !isHTTPS(address):
		diags.AddAttributeError(path.Root("ssh_url"), "The address does not fit the authentication method",
			fmt.Sprintf("auth_method is %s, so ssh_url must begin with https://, despite its name. For an SSH address set auth_method to ssh.", method))
	}
	return diags
}

// checkConnects checks what is needed to connect a repository: for the first time
// (prior is zero), at another address, or by another method.
func checkConnects(config, plan, prior model) diag.Diagnostics {
	var diags diag.Diagnostics
	method := plan.AuthMethod
	isFirst := prior.ConnectionID.IsNull()
	if config.AuthMethod.IsNull() && isFirst && isHTTPS(config.SSHURL.ValueString()) {
		diags.AddAttributeError(path.Root("auth_method"), "Missing auth_method",
			"A new configuration is reached by SSH while auth_method is not set, and ssh_url is an https address. Set auth_method to https_token or github_app.")
	}
	if !plan.connects(prior) {
		return diags
	}
	switch method.ValueString() {
	case omni.DBTAuthToken:
		if config.Token.IsNull() && config.TokenWO.IsNull() {
			diags.AddAttributeError(path.Root("token_wo"), "Missing token",
				"Linking a repository with auth_method https_token needs token_wo, or token. So does linking one at another address, because a token is not sent to a host that it was not configured for. Nothing was sent.")
		}
	case omni.DBTAuthGitHubApp:
		if config.GitHubAppInstallationID.IsNull() && (!method.Equal(prior.AuthMethod) || !framework.IsSet(plan.GitHubAppInstallationID)) {
			diags.AddAttributeError(path.Root("github_app_installation_id"), "Missing github_app_installation_id",
				"Linking a repository with auth_method github_app needs github_app_installation_id.")
		}
	}
	return diags
}
