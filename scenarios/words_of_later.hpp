// What a result is wrong about without the words of the format that this version refuses: each goes on from
// "without it ..." (scenarios/json/json_reader.hpp, WordOfLater).
#pragma once

#include <string_view>

namespace netlimits::scenarios {

inline constexpr std::string_view without_idle_timeout =
    "a connection has its port as long as it is open, as one has that sends keep-alives more often than that: those "
    "that are silent for longer are cut off there";
inline constexpr std::string_view without_unique_by =
    "a port of the gateway serves one connection to each destination: where a device gives it to one client for all "
    "destinations, the result says too much, as many times as there are destinations";
inline constexpr std::string_view without_address_choice =
    "a connection gets any address that has a port left: where a device chooses by a hash, or once for each client, "
    "the result says too much, as one address is full before the others";
inline constexpr std::string_view without_idle_entries =
    "a connection that is open keeps its entry, as one does that sends something at least every five days: the result "
    "says too little where silent ones lose theirs sooner and go on";
inline constexpr std::string_view without_conntrack =
    "no table of connections fills: the result says too much where there are more connections than entries";
inline constexpr std::string_view without_proxy =
    "each client reaches the back end by itself: a proxy has two descriptors and a port of its own for each "
    "connection, "
    "so that the result says twice too much, and more where its ports to one back end run out";
inline constexpr std::string_view without_proxy_limits =
    "nothing of the balancer itself runs out: the result says too much where it does";
inline constexpr std::string_view without_memory =
    "memory never runs out: the result says too much where it does before other limits";
inline constexpr std::string_view without_loss =
    "no segment is lost or sent again: connections come sooner and fewer fail than really do";
inline constexpr std::string_view without_bandwidth =
    "segments take no time on the wire: connections come sooner than they really do";
inline constexpr std::string_view without_peaks =
    "arrivals have one rate: with their mean the peaks are missing and the result says too much, with their highest "
    "rate "
    "it says too little";
inline constexpr std::string_view without_spread =
    "all are held alike: long ones among them are missing, and the result says too much where those fill a limit";
inline constexpr std::string_view without_pool =
    "each connection is opened and closed by itself: a pool opens fewer, so that the result says too little";
inline constexpr std::string_view without_requests =
    "a connection is held as long as \"hold\" says: too long or too short by what its requests take otherwise";
inline constexpr std::string_view without_reuse_port =
    "ports that sockets would share by SO_REUSEPORT count as taken: the result says too little";
inline constexpr std::string_view without_own_range =
    "the program has the host's whole range: the result says too much where its own is narrower";

}  // namespace netlimits::scenarios
