//! Access codes open what they were made for, until they expire or are revoked.

use std::time::Duration;

use domain::ids::TicketId;
use identity::Admission;

use crate::people::{HOUR_MS, House, TestEntropy};

const VALID: Duration = Duration::from_hours(72);

#[tokio::test]
async fn a_code_opens_its_own_ticket_more_than_once_until_it_expires() {
    let house = House::new().await;
    let codes = &house.identity.access_codes;
    let account_id = house.new_account_id();
    let ticket = TicketId::new(&*house.clock, &TestEntropy);
    let code = codes.create(account_id, ticket, VALID).await.unwrap();
    let opens = Some(Admission { account_id, ticket });
    let typed = code.expose().to_lowercase().replace('-', " ");
    assert_eq!(codes.redeem(code.expose()).await.unwrap(), opens);
    assert_eq!(codes.redeem(&typed).await.unwrap(), opens);

    house.clock.advance(72 * HOUR_MS - 1);
    assert_eq!(codes.redeem(&typed).await.unwrap(), opens);
    assert_eq!(codes.purge_expired().await.unwrap(), 0);
    house.clock.advance(1);
    assert_eq!(codes.redeem(&typed).await.unwrap(), None);
    assert_eq!(codes.purge_expired().await.unwrap(), 1);
}

#[tokio::test]
async fn revoking_reaches_all_codes_of_one_account() {
    let house = House::new().await;
    let codes = &house.identity.access_codes;
    let (ada, bob) = (house.new_account_id(), house.new_account_id());
    let ticket = TicketId::new(&*house.clock, &TestEntropy);
    let mut of_ada = Vec::new();
    for _ in 0..2 {
        of_ada.push(codes.create(ada, ticket, VALID).await.unwrap());
    }
    let of_bob = codes.create(bob, ticket, VALID).await.unwrap();
    assert_eq!(codes.revoke(ada).await.unwrap(), 2);
    for code in of_ada {
        assert_eq!(codes.redeem(code.expose()).await.unwrap(), None);
    }
    assert!(codes.redeem(of_bob.expose()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_copy_of_the_table_opens_nothing() {
    let house = House::new().await;
    let codes = &house.identity.access_codes;
    let ticket = TicketId::new(&*house.clock, &TestEntropy);
    let code = codes.create(house.new_account_id(), ticket, VALID).await.unwrap();
    let admin = house.database.admin().await;
    let rows = admin
        .query("SELECT c::text FROM auth.access_codes c", &[])
        .await
        .unwrap();
    let stored: String = rows[0].get(0);
    let plain = code.expose().replace('-', "");
    assert!(
        !stored.contains(code.expose()) && !stored.contains(&plain),
        "{stored}"
    );
    let hash: Vec<u8> = admin
        .query_one("SELECT code_hash FROM auth.access_codes", &[])
        .await
        .unwrap()
        .get(0);
    let of_the_hash = String::from_utf8_lossy(&hash).into_owned();
    assert_eq!(codes.redeem(&of_the_hash).await.unwrap(), None);
}
