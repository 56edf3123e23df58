// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package release knows the archives of a release: their names, their hashes,
// what is linked into them, and the layout of a mirror from which Terraform and
// OpenTofu install them.
package release

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"golang.org/x/mod/sumdb/dirhash"
)

// Name is what the provider's files are called.
const Name = "terraform-provider-dataconn"

// Archive is one zip of a release: the provider for one platform.
type Archive struct {
	Path     string
	Version  string // without a v
	OS, Arch string
}

// Filename is what the registries want the archive to be called.
func (a Archive) Filename() string {
	return fmt.Sprintf("%s_%s_%s_%s.zip", Name, a.Version, a.OS, a.Arch)
}

// Executable is the name of the provider in the archive.
func (a Archive) Executable() string {
	name := Name + "_v" + a.Version
	if a.OS == "windows" {
		name += ".exe"
	}
	return name
}

var archiveName = regexp.MustCompile(`^` + Name + `_(.+)_([a-z0-9]+)_([a-z0-9]+)\.zip$`)

// Archives returns the archives in a folder, such as dist/, by name.
func Archives(dir string) ([]Archive, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []Archive
	for _, entry := range entries {
		if a, ok := parse(filepath.Join(dir, entry.Name())); ok {
			all = append(all, a)
		}
	}
	return all, nil
}

// parse takes an archive's name apart.
func parse(path string) (a Archive, ok bool) {
	match := archiveName.FindStringSubmatch(filepath.Base(path))
	if match == nil {
		return Archive{}, false
	}
	return Archive{path, match[1], match[2], match[3]}, true
}

// Pack makes the content of the archive of an executable. The same executable
// gives the same content.
func (a Archive) Pack(executable []byte) ([]byte, error) {
	var content bytes.Buffer
	writer := zip.NewWriter(&content)
	header := &zip.FileHeader{Name: a.Executable(), Method: zip.Deflate}
	header.SetMode(0o755)
	file, err := writer.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(executable); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}

// Hashes returns both hashes that a lock file may have of an archive: zh, of the
// file as it is, and h1, of what is in it.
func Hashes(path string) ([]string, error) {
	content, err := os.ReadFile(path) //nolint:gosec // G304: an archive of ours
	if err != nil {
		return nil, err
	}
	inside, err := dirhash.HashZip(path, dirhash.Hash1)
	if err != nil {
		return nil, err
	}
	whole := sha256.Sum256(content)
	return []string{inside, "zh:" + hex.EncodeToString(whole[:])}, nil
}

func read(file *zip.File) ([]byte, error) {
	reader, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return io.ReadAll(reader)
}
