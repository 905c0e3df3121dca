// The socket options that a script may name, and how the bytes that setsockopt() passes become one number.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/sockets/socket.hpp"
#include "model/systems/refusal.hpp"

namespace netlimits {

// "SO_REUSEADDR", ... Nothing for a name that is not modelled.
std::optional<Option> option_named(std::string_view name);
std::string_view name_of(Option option);
// All of them, in alphabetical order.
std::vector<std::string_view> option_names();

// How many bytes setsockopt() passes when the script does not say.
std::int64_t natural_length(Option option);

// The value as Host::set_option takes it (IP_LOCAL_PORT_RANGE: low | high << 16, SO_LINGER: -1 or seconds), given the
// script's numbers and the length it passes. Refuses what the kernel refuses for the length alone: EINVAL.
// Linux: net/core/sock.c sk_setsockopt, net/ipv4/ip_sockglue.c do_ip_setsockopt (an option at the IP level may be
// passed in one byte), net/ipv6/ipv6_sockglue.c do_ipv6_setsockopt; measured on 6.18.
Outcome<std::int64_t> option_value(Option option, std::span<const std::int64_t> numbers,
                                   std::optional<std::int64_t> length);

}  // namespace netlimits
