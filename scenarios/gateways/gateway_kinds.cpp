// From the files to settings with their sources.
#include "scenarios/gateways/gateway_kinds.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "scenarios/embedded.hpp"
#include "scenarios/gateways/nat_figures.hpp"
#include "scenarios/json/json_document.hpp"
#include "scenarios/json/json_reader.hpp"
#include "scenarios/json/sha256.hpp"
#include "scenarios/profile_figures.hpp"

namespace netlimits::scenarios {
namespace {

const ObjectKeys kind_keys{"kind of gateway", {"netlimits_gateway", "name", "title", "figures"}};
const ObjectKeys sourced_keys{"figure", {"value", "source", "confidence", "note"}};

const ObjectKeys& kind_figure_keys() {
  static const ObjectKeys keys = [] {
    ObjectKeys made{"figures of a kind of gateway", {}};
    for (const NatFigure& figure : nat_figures()) made.keys.push_back(figure.key);
    return made;
  }();
  return keys;
}

Provenance provenance_in(const ObjectReader& reader) {
  Provenance provenance;
  if (const auto source = reader.need("source", "where the figure comes from"))
    provenance.source = source->string().value_or("");
  if (const auto confidence = reader.need("confidence", "how sure the figure is")) {
    if (const auto index = confidence->choice(confidence_words())) provenance.confidence = confidence_words()[*index];
  }
  if (const auto note = reader.get("note")) provenance.note = note->string().value_or("");
  return provenance;
}

}  // namespace

Loaded<GatewayKind> read_gateway_kind(std::string_view text, std::string file) {
  auto document = parse_json(text, std::move(file));
  if (!document) return tl::unexpected(std::move(document.error()));
  ErrorList errors(*document);
  const ObjectReader reader(Field(document->root, {}, errors), kind_keys);
  GatewayKind kind;
  kind.sha256 = sha256(text);
  if (const auto version = reader.need("netlimits_gateway", "1")) version->integer(1, 1, "the only version there is");
  if (const auto name = reader.need("name", "what scenarios call the kind")) kind.name = name->string().value_or("");
  if (const auto title = reader.need("title", "a line about the device")) kind.title = title->string().value_or("");
  if (const auto figures = reader.need("figures", "an object of figures by key")) {
    const ObjectReader all(*figures, kind_figure_keys());
    for (const NatFigure& figure : nat_figures()) {
      const auto field = all.get(figure.key);
      if (!field) continue;
      const ObjectReader sourced(*field, sourced_keys);
      if (const auto value = sourced.need("value", "the figure")) figure.read(*value, kind.nat);
      kind.provenance[std::string(figure.key)] = provenance_in(sourced);
    }
  }
  if (!errors.empty()) return tl::unexpected(errors.take());
  return kind;
}

const GatewayKinds& gateway_kinds() {
  static const GatewayKinds kinds = [] {
    GatewayKinds made;
    for (const EmbeddedText& file : embedded_gateways()) {
      auto kind = read_gateway_kind(file.text, fmt::format("{}.json", file.name));
      if (!kind) throw std::logic_error(text_of(kind.error()));
      std::string name = kind->name;
      made.insert_or_assign(std::move(name), *std::move(kind));
    }
    return made;
  }();
  return kinds;
}

}  // namespace netlimits::scenarios
