// The loader, the schema and the page of the format name the same keys.
#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "scenarios/embedded.hpp"
#include "scenarios/json/json_document.hpp"
#include "scenarios/scenario_keys.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

using KeysByObject = std::map<std::string, std::set<std::string>>;

KeysByObject keys_of_loader() {
  KeysByObject keys;
  for (const ObjectKeys* object : all_scenario_keys()) {
    keys[std::string(object->object)] = {object->keys.begin(), object->keys.end()};
  }
  return keys;
}

void add_schema_object(const JsonNode& schema, KeysByObject& keys) {
  const JsonNode* const properties = schema.member("properties");
  if (properties == nullptr) return;
  REQUIRE(schema.member("title") != nullptr);
  CHECK_FALSE(schema.member("additionalProperties")->boolean);
  for (const JsonMember& property : properties->members) keys[schema.member("title")->text].insert(property.key);
}

KeysByObject keys_of_schema() {
  const auto document = parse_json(embedded_schema(), "schema");
  REQUIRE(document.has_value());
  KeysByObject keys;
  add_schema_object(document->root, keys);
  for (const JsonMember& definition : document->root.member("definitions")->members) {
    add_schema_object(definition.value, keys);
  }
  return keys;
}

// Headings name the objects, the first cell of a table's row a key.
KeysByObject keys_of_page() {
  std::ifstream page(std::string(NETLIMITS_SOURCE_DIR) + "/docs/scenario-format.md");
  REQUIRE(page.is_open());
  KeysByObject keys;
  std::string object;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("#")) object = line.substr(line.find_first_not_of("# "));
    if (line.starts_with("| `")) keys[object].insert(line.substr(3, line.find('`', 3) - 3));
  }
  return keys;
}

TEST_CASE("the schema has the keys that the loader takes, and no others") {
  CHECK(keys_of_schema() == keys_of_loader());
}

TEST_CASE("the page of the format documents the keys that the loader takes, and no others") {
  CHECK(keys_of_page() == keys_of_loader());
}

TEST_CASE("the page of the format names what is not modelled yet") {
  std::ifstream page(std::string(NETLIMITS_SOURCE_DIR) + "/docs/scenario-format.md");
  std::stringstream text;
  text << page.rdbuf();
  const std::string last = text.str().substr(text.str().find("## Not modelled yet"));
  for (const ObjectKeys* object : all_scenario_keys()) {
    for (const auto& [key, without] : object->not_yet) {
      CAPTURE(object->object, key);
      CHECK_FALSE(without.empty());
      CHECK(last.find(fmt::format("`{}`", key)) != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace netlimits::scenarios
