// Texts, counts and the list of measured limits; nothing of it changes what a host does.
#include "scenarios/origin_loader.hpp"

#include <limits>
#include <optional>

#include "scenarios/scenario_keys.hpp"

namespace netlimits::scenarios {
namespace {

std::string text_in(const ObjectReader& reader, std::string_view key) {
  const auto field = reader.get(key);
  return field ? field->string().value_or("") : std::string();
}

std::vector<std::string> texts_in(const ObjectReader& reader, std::string_view key) {
  std::vector<std::string> texts;
  const auto field = reader.get(key);
  if (!field) return texts;
  for (const Field& item : field->list("a list of strings").value_or(std::vector<Field>{})) {
    if (auto text = item.string()) texts.push_back(std::move(*text));
  }
  return texts;
}

std::optional<std::uint64_t> count_of(const Field& field) {
  if (field.node().kind == JsonKind::null) return std::nullopt;
  const auto value = field.integer(0, std::numeric_limits<std::int64_t>::max());
  return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

std::optional<std::uint64_t> count_in(const ObjectReader& reader, std::string_view key) {
  const auto field = reader.get(key);
  return field ? count_of(*field) : std::nullopt;
}

MeasuredLimit load_limit(const Field& field) {
  const ObjectReader reader(field, measured_limit_keys);
  MeasuredLimit limit;
  limit.limit = text_in(reader, "limit");
  limit.place = text_in(reader, "place");
  limit.unit = text_in(reader, "unit");
  limit.capacity = count_in(reader, "capacity");
  limit.used = count_in(reader, "used");
  limit.headroom = count_in(reader, "headroom");
  limit.connections = count_in(reader, "connections");
  if (const auto from_profile = reader.get("from_profile"))
    limit.from_profile = from_profile->boolean().value_or(false);
  limit.note = text_in(reader, "note");
  return limit;
}

}  // namespace

HostOrigin load_origin(const Field& field) {
  const ObjectReader reader(field, origin_keys);
  HostOrigin origin;
  origin.format = text_in(reader, "format");
  origin.source = text_in(reader, "source");
  origin.kernel = text_in(reader, "kernel");
  origin.summary = text_in(reader, "summary");
  if (const auto limits = reader.get("limits")) {
    for (const Field& item : limits->list("a list of limits").value_or(std::vector<Field>{}))
      origin.limits.push_back(load_limit(item));
  }
  if (const auto sockets = reader.get("sockets")) {
    if (sockets->node().kind != JsonKind::object) {
      sockets->refuse("an object of states and counts");
    } else {
      for (const JsonMember& member : sockets->node().members)
        origin.sockets[member.key] = count_of(sockets->value(member)).value_or(0);
    }
  }
  origin.measured = texts_in(reader, "measured");
  origin.from_profile = texts_in(reader, "from_profile");
  origin.not_determined = texts_in(reader, "not_determined");
  origin.notes = texts_in(reader, "notes");
  return origin;
}

}  // namespace netlimits::scenarios
