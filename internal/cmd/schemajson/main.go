// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command schemajson prints the provider's schemas as `terraform providers
// schema -json` does, which tfplugindocs makes the documentation from. It asks
// the provider in this process, so it needs no CLI, and what an older CLI leaves
// out (identities, list resources) is there.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// address is where tfplugindocs looks, whatever the provider's own address is.
const address = "registry.terraform.io/hashicorp/dataconn"

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "schemajson:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	server := providerserver.NewProtocol6(provider.New(provider.Options{Version: "docs"})())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return err
	}
	if err := firstError(append(schemas.Diagnostics, identities.Diagnostics...)); err != nil {
		return err
	}
	if len(schemas.Functions)+len(schemas.StateStoreSchemas) > 0 {
		return errors.New("the provider has functions or state stores, which this command does not know yet")
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document{
		FormatVersion: "1.0",
		Providers: map[string]providerJSON{address: {
			Provider:   schemaOf(schemas.Provider),
			Resources:  mapOf(schemas.ResourceSchemas, schemaOf),
			Data:       mapOf(schemas.DataSourceSchemas, schemaOf),
			Ephemeral:  mapOf(schemas.EphemeralResourceSchemas, schemaOf),
			List:       mapOf(schemas.ListResourceSchemas, schemaOf),
			Actions:    mapOf(schemas.ActionSchemas, actionOf),
			Identities: mapOf(identities.IdentitySchemas, identityOf),
		}},
	})
}

func firstError(diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	return nil
}

// The document, as terraform-json reads it.
type (
	document struct {
		FormatVersion string                  `json:"format_version"`
		Providers     map[string]providerJSON `json:"provider_schemas"`
	}
	providerJSON struct {
		Provider   schemaJSON              `json:"provider"`
		Resources  map[string]schemaJSON   `json:"resource_schemas,omitempty"`
		Data       map[string]schemaJSON   `json:"data_source_schemas,omitempty"`
		Ephemeral  map[string]schemaJSON   `json:"ephemeral_resource_schemas,omitempty"`
		List       map[string]schemaJSON   `json:"list_resource_schemas,omitempty"`
		Actions    map[string]actionJSON   `json:"action_schemas,omitempty"`
		Identities map[string]identityJSON `json:"resource_identity_schemas,omitempty"`
	}
	schemaJSON struct {
		Version int64     `json:"version"`
		Block   blockJSON `json:"block"`
	}
	actionJSON struct {
		Block blockJSON `json:"block"`
	}
	blockJSON struct {
		Attributes map[string]attributeJSON   `json:"attributes,omitempty"`
		Blocks     map[string]nestedBlockJSON `json:"block_types,omitempty"`
		textJSON
	}
	nestedBlockJSON struct {
		NestingMode string    `json:"nesting_mode"`
		Block       blockJSON `json:"block"`
		MinItems    int64     `json:"min_items,omitempty"`
		MaxItems    int64     `json:"max_items,omitempty"`
	}
	attributeJSON struct {
		Type       tftypes.Type `json:"type,omitempty"`
		NestedType *objectJSON  `json:"nested_type,omitempty"`
		textJSON
		Required  bool `json:"required,omitempty"`
		Optional  bool `json:"optional,omitempty"`
		Computed  bool `json:"computed,omitempty"`
		Sensitive bool `json:"sensitive,omitempty"`
		WriteOnly bool `json:"write_only,omitempty"`
	}
	objectJSON struct {
		Attributes  map[string]attributeJSON `json:"attributes,omitempty"`
		NestingMode string                   `json:"nesting_mode"`
	}
	textJSON struct {
		Description     string `json:"description,omitempty"`
		DescriptionKind string `json:"description_kind,omitempty"`
		Deprecated      bool   `json:"deprecated,omitempty"`
	}
	identityJSON struct {
		Version    int64                            `json:"version"`
		Attributes map[string]identityAttributeJSON `json:"attributes"`
	}
	identityAttributeJSON struct {
		Type              tftypes.Type `json:"type"`
		Description       string       `json:"description,omitempty"`
		RequiredForImport bool         `json:"required_for_import,omitempty"`
		OptionalForImport bool         `json:"optional_for_import,omitempty"`
	}
)

func mapOf[From, To any](from map[string]From, convert func(From) To) map[string]To {
	to := make(map[string]To, len(from))
	for name, value := range from {
		to[name] = convert(value)
	}
	return to
}

func schemaOf(s *tfprotov6.Schema) schemaJSON {
	return schemaJSON{Version: s.Version, Block: blockOf(s.Block)}
}

func actionOf(s *tfprotov6.ActionSchema) actionJSON {
	return actionJSON{Block: blockOf(s.Schema.Block)}
}

func blockOf(b *tfprotov6.SchemaBlock) blockJSON {
	blocks := make(map[string]nestedBlockJSON, len(b.BlockTypes))
	for _, nested := range b.BlockTypes {
		blocks[nested.TypeName] = nestedBlockJSON{
			NestingMode: strings.ToLower(nested.Nesting.String()),
			Block:       blockOf(nested.Block),
			MinItems:    nested.MinItems,
			MaxItems:    nested.MaxItems,
		}
	}
	return blockJSON{
		Attributes: attributesOf(b.Attributes),
		Blocks:     blocks,
		textJSON:   textOf(b.Description, b.DescriptionKind, b.Deprecated),
	}
}

func attributesOf(list []*tfprotov6.SchemaAttribute) map[string]attributeJSON {
	attributes := make(map[string]attributeJSON, len(list))
	for _, a := range list {
		attribute := attributeJSON{
			Type:      a.Type,
			textJSON:  textOf(a.Description, a.DescriptionKind, a.Deprecated),
			Required:  a.Required,
			Optional:  a.Optional,
			Computed:  a.Computed,
			Sensitive: a.Sensitive,
			WriteOnly: a.WriteOnly,
		}
		if a.NestedType != nil {
			attribute.NestedType = &objectJSON{
				Attributes:  attributesOf(a.NestedType.Attributes),
				NestingMode: strings.ToLower(a.NestedType.Nesting.String()),
			}
		}
		attributes[a.Name] = attribute
	}
	return attributes
}

func textOf(description string, kind tfprotov6.StringKind, deprecated bool) textJSON {
	return textJSON{Description: description, DescriptionKind: strings.ToLower(kind.String()), Deprecated: deprecated}
}

func identityOf(s *tfprotov6.ResourceIdentitySchema) identityJSON {
	attributes := make(map[string]identityAttributeJSON, len(s.IdentityAttributes))
	for _, a := range s.IdentityAttributes {
		attributes[a.Name] = identityAttributeJSON{a.Type, a.Description, a.RequiredForImport, a.OptionalForImport}
	}
	return identityJSON{Version: s.Version, Attributes: attributes}
}
