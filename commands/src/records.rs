//! What is judged of the commands that nobody gives on purpose or that only operators give: recording an access, and
//! deciding about a read model.

use domain::Actor;
use domain::access::{self, Access, AccessCommand, Accesses};
use domain::operation::{self, Operation, OperationCommand, Operations};
use domain::policy::Facts;
use uuid::Uuid;

use crate::commands::permit_all;
use crate::execute::{Judge, Judged};
use crate::outcome::CommandError;

/// The name space of the streams of readers and of read models.
const STREAMS: Uuid = Uuid::from_u128(0x2f6a_0c7e_91b4_4f55_8a1d_7e52_c0de_4b1d);

/// The stream of what `actor` looked at.
pub(crate) fn access_stream(actor: &Actor) -> Uuid {
    Uuid::new_v5(&STREAMS, format!("access\n{actor}").as_bytes())
}

/// The stream of what was decided about a read model.
pub(crate) fn operation_stream(projection: &str) -> Uuid {
    Uuid::new_v5(&STREAMS, format!("operation\n{projection}").as_bytes())
}

/// Recording asks for no permission: whether something may be looked at is asked where it is looked at.
pub(crate) struct AccessJudge<'a> {
    pub(crate) command: &'a AccessCommand,
}

impl Judge<Accesses> for AccessJudge<'_> {
    fn permit(&self, _: Option<&Access>) -> Result<(), CommandError<access::Refusal>> {
        Ok(())
    }

    async fn judge(&self, _: Option<&Access>) -> Result<Judged<Accesses>, CommandError<access::Refusal>> {
        Ok(Judged {
            command: self.command.clone(),
            circumstances: (),
            category_unchanged_since: None,
        })
    }
}

pub(crate) struct OperationJudge<'a> {
    pub(crate) actor: &'a Actor,
    pub(crate) command: &'a OperationCommand,
}

impl Judge<Operations> for OperationJudge<'_> {
    fn permit(&self, _: Option<&Operation>) -> Result<(), CommandError<operation::Refusal>> {
        permit_all(self.actor, [self.command.action()], Facts::General)
    }

    async fn judge(
        &self,
        state: Option<&Operation>,
    ) -> Result<Judged<Operations>, CommandError<operation::Refusal>> {
        self.permit(state)?;
        Ok(Judged {
            command: self.command.clone(),
            circumstances: (),
            category_unchanged_since: None,
        })
    }
}
