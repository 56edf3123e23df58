// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
)

// Addresses are the provider's, in the registry of Terraform and in that of
// OpenTofu: a source without a host means one or the other.
func Addresses() []string {
	return []string{"registry.terraform.io/dataconn/dataconn", "registry.opentofu.org/dataconn/dataconn"}
}

// versions is index.json of the provider network mirror protocol.
type versions struct {
	Versions map[string]struct{} `json:"versions"`
}

// packages is <version>.json of the same.
type packages struct {
	Archives map[string]platform `json:"archives"`
}

type platform struct {
	URL    string   `json:"url"`
	Hashes []string `json:"hashes"`
}

// Mirror lays archives out below dir. The folder is a filesystem mirror as it
// is, and a network mirror once a web server serves it with TLS. It replaces the
// index of a mirror that is there already.
func Mirror(dir string, archives []Archive) error {
	if len(archives) == 0 {
		return errors.New("no archives to mirror")
	}
	index := versions{map[string]struct{}{}}
	byVersion := map[string]packages{}
	for _, a := range archives {
		content, err := os.ReadFile(a.Path)
		if err != nil {
			return err
		}
		hashes, err := Hashes(a.Path)
		if err != nil {
			return err
		}
		index.Versions[a.Version] = struct{}{}
		if _, ok := byVersion[a.Version]; !ok {
			byVersion[a.Version] = packages{map[string]platform{}}
		}
		byVersion[a.Version].Archives[a.OS+"_"+a.Arch] = platform{a.Filename(), hashes}
		for _, address := range Addresses() {
			if err := write(filepath.Join(dir, filepath.FromSlash(address), a.Filename()), content); err != nil {
				return err
			}
		}
	}
	for _, address := range Addresses() {
		folder := filepath.Join(dir, filepath.FromSlash(address))
		if err := writeJSON(filepath.Join(folder, "index.json"), index); err != nil {
			return err
		}
		for version, all := range byVersion {
			if err := writeJSON(filepath.Join(folder, version+".json"), all); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeJSON(path string, value any) error {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return write(path, append(content, '\n'))
}

func write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // G301: a mirror is for everyone
		return err
	}
	return os.WriteFile(path, content, 0o644) //nolint:gosec // G306: the same
}
