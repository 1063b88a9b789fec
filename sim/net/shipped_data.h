// The CSV files of data/, compiled in by sim/net/embed_data.cmake. Sources and dates: data/README.md.
#pragma once

#include <string_view>

namespace tidemark::sim::shipped {

std::string_view sites_csv();
std::string_view rtt_hosts_csv();
std::string_view rtt_users_csv();

}  // namespace tidemark::sim::shipped
