#include "model/apps/all/catalogue.h"

#include "base/assert.h"
#include "model/apps/bank/bank.h"
#include "model/apps/bookstore/bookstore.h"
#include "model/apps/edge_cache/edge_cache.h"
#include "model/apps/guestbook/guestbook.h"
#include "model/apps/northwind/northwind.h"
#include "model/apps/orders/shop.h"
#include "model/apps/sql/sql_application.h"
#include "model/apps/sync/sync.h"

namespace tidemark::model {

const std::vector<ApplicationInfo>& application_catalogue() {
  static const std::vector<ApplicationInfo> kCatalogue = {
      bank_application(),
      bookstore_application(),
      edge_cache_application(),
      guestbook_application(),
      northwind_application(),
      orders_application(),
      sync_application(),
  };
  return kCatalogue;
}

const ApplicationInfo* find_application(std::string_view name) {
  for (const ApplicationInfo& info : application_catalogue()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

std::shared_ptr<const Application> make_application(const WorkloadOptions& options) {
  if (options.kind == WorkloadKind::kSql) return std::make_shared<SqlApplication>(options.sql);
  if (options.kind != WorkloadKind::kApplication) return nullptr;
  const ApplicationInfo* info = find_application(options.application);
  TIDEMARK_ASSERT(info != nullptr, "the loader knows the application");
  return info->make(options);
}

}  // namespace tidemark::model
