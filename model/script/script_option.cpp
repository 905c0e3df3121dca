#include "model/script/script_option.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/systems/rule_book.hpp"

namespace netlimits {
namespace {

struct Named {
  std::string_view name;
  Option option;
};

constexpr std::array options{
    Named{"IPV6_V6ONLY", Option::v6_only},
    Named{"IP_BIND_ADDRESS_NO_PORT", Option::bind_no_port},
    Named{"IP_FREEBIND", Option::free_bind},
    Named{"IP_LOCAL_PORT_RANGE", Option::local_port_range},
    Named{"IP_TRANSPARENT", Option::transparent},
    Named{"SO_ACCEPTCONN", Option::accept_conn},
    Named{"SO_BINDTODEVICE", Option::bind_to_device},
    Named{"SO_ERROR", Option::error},
    Named{"SO_KEEPALIVE", Option::keep_alive},
    Named{"SO_LINGER", Option::linger},
    Named{"SO_RCVBUF", Option::receive_buffer},
    Named{"SO_REUSEADDR", Option::reuse_address},
    Named{"SO_REUSEPORT", Option::reuse_port},
    Named{"SO_SNDBUF", Option::send_buffer},
    Named{"TCP_DEFER_ACCEPT", Option::defer_accept},
    Named{"TCP_KEEPCNT", Option::keep_count},
    Named{"TCP_KEEPIDLE", Option::keep_idle},
    Named{"TCP_KEEPINTVL", Option::keep_interval},
    Named{"TCP_LINGER2", Option::fin_wait_2},
    Named{"TCP_SYNCNT", Option::syn_count},
    Named{"TCP_USER_TIMEOUT", Option::user_timeout},
};

constexpr Rule length_rule = Rule::option_length;
constexpr std::int64_t int_size = 4;

bool at_ip_level(Option option) {
  return option == Option::bind_no_port || option == Option::free_bind || option == Option::transparent;
}

// IP_BIND_ADDRESS_NO_PORT alone takes no bytes at all for 0; measured.
bool may_be_empty(Option option) { return option == Option::bind_no_port; }

// Little-endian: a single byte passed from an int is its lowest one.
constexpr std::int64_t lowest_byte = 0xff;

}  // namespace

std::optional<Option> option_named(std::string_view name) {
  const auto found = std::lower_bound(options.begin(), options.end(), name,
                                      [](const Named& named, std::string_view wanted) { return named.name < wanted; });
  if (found == options.end() || found->name != name) return std::nullopt;
  return found->option;
}

std::string_view name_of(Option option) {
  const auto found =
      std::find_if(options.begin(), options.end(), [&](const Named& named) { return named.option == option; });
  return found->name;  // there is one for each
}

std::vector<std::string_view> option_names() {
  std::vector<std::string_view> names;
  for (const Named& named : options) names.push_back(named.name);
  return names;
}

std::int64_t natural_length(Option option) { return option == Option::linger ? 2 * int_size : int_size; }

Outcome<std::int64_t> option_value(Option option, std::span<const std::int64_t> numbers,
                                   std::optional<std::int64_t> length) {
  const std::int64_t bytes = length.value_or(natural_length(option));
  const std::int64_t first = numbers.empty() ? 0 : numbers[0];
  const std::int64_t second = numbers.size() < 2 ? 0 : numbers[1];
  if (option == Option::linger) {
    if (bytes < natural_length(option)) return refuse(Error::einval, length_rule);
    return first == 0 ? -1 : second;
  }
  if (option == Option::local_port_range) {
    if (bytes != int_size) return refuse(Error::einval, length_rule);
    return numbers.size() < 2 ? first : (first & 0xffff) | (second & 0xffff) << 16;
  }
  if (bytes >= int_size) return first;
  if (!at_ip_level(option)) return refuse(Error::einval, length_rule);
  if (bytes >= 1) return first & lowest_byte;
  if (may_be_empty(option)) return 0;
  return refuse(Error::einval, length_rule);
}

}  // namespace netlimits
