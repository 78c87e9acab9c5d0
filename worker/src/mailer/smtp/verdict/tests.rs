use super::*;

#[test]
fn a_5xx_reply_to_the_recipient_refuses_the_address() {
    for (code, text) in [
        (550, ""),
        (550, "No such user here"),
        (550, "5.1.1 <x@example.edu>: Recipient address rejected"),
        (501, "5.1.3 Bad recipient address syntax"),
        (552, "5.2.2 Mailbox full"),
        (553, "Mailbox name not allowed"),
        (554, "5.7.1 Recipient address rejected: Access denied"),
        (556, "5.1.10 Recipient address has null MX"),
    ] {
        assert!(refuses_address(Stage::Recipient, code, text), "{code} {text}");
    }
}

#[test]
fn a_reply_to_the_recipient_about_something_else_does_not() {
    for (code, text) in [
        (421, "4.3.2 Shutting down"),
        (450, "4.2.0 Greylisted"),
        (452, "4.5.3 Too many recipients"),
        (500, "Command not recognized"),
        (503, "Bad sequence of commands"),
        (530, "5.7.0 Must issue a STARTTLS command first"),
        (535, "Authentication required"),
        (550, "5.1.8 <no-reply@example.edu>: Sender address rejected: Domain not found"),
        (550, "5.3.0 System trouble"),
        (550, "5.7.9 Authentication mechanism is too weak"),
        (554, "5.5.1 Error: need MAIL command"),
        (555, "Parameters not recognized"),
    ] {
        assert!(!refuses_address(Stage::Recipient, code, text), "{code} {text}");
    }
}

#[test]
fn a_refused_message_refuses_the_address_only_if_it_says_so() {
    assert!(refuses_address(Stage::Message, 550, "5.1.1 User unknown"));
    assert!(refuses_address(Stage::Message, 552, "5.2.2 Over quota"));
    for (code, text) in [
        (550, "User unknown"),
        (550, "5.1.8 Bad sender"),
        (552, "5.3.4 Message too big"),
        (554, "5.7.1 Looks like spam"),
        (554, "5.1.1.1 is no status"),
        (450, "4.2.1 Mailbox busy"),
        (450, "5.1.1 contradicts itself"),
    ] {
        assert!(!refuses_address(Stage::Message, code, text), "{code} {text}");
    }
}

#[test]
fn no_refusal_at_another_stage_is_about_the_address() {
    for stage in [Stage::Connect, Stage::Authenticate, Stage::Sender, Stage::Data] {
        for code in [421, 450, 535, 550, 554] {
            assert!(!refuses_address(stage, code, "5.1.1 User unknown"), "{stage} {code}");
        }
    }
}

fn replied(stage: Stage, code: u16, text: &str) -> Failure {
    Failure {
        stage,
        cause: Cause::Reply {
            code,
            text: text.to_owned(),
        },
    }
}

#[test]
fn an_address_or_a_mailbox_at_fault_is_undeliverable() {
    for (code, text) in [
        (550, ""),
        (550, "No such user here"),
        (550, "5.1.1 <x@example.edu>: no such user"),
        (556, "5.1.10 null MX"),
        (550, "5.2.1 mailbox disabled"),
        (552, "5.2.2 mailbox full"),
        (553, "Mailbox name not allowed"),
    ] {
        assert!(is_undeliverable(code, text), "{code} {text}");
    }
}

#[test]
fn policy_content_and_our_own_faults_are_not() {
    for (code, text) in [
        (550, "5.7.1 access denied"),
        (554, "5.7.1 looks like spam"),
        (554, "Transaction failed"),
        (550, "5.1.8 bad sender"),
        (552, "5.2.3 message too long for this mailbox"),
        (550, "5.4.4 unable to route"),
        (501, "Syntax error"),
    ] {
        assert!(!is_undeliverable(code, text), "{code} {text}");
    }
}

#[test]
fn a_server_that_cannot_be_reached_or_refuses_us_is_out() {
    for cause in [Cause::Timeout(std::time::Duration::from_secs(1)), Cause::Link("reset".to_owned())] {
        let failure = Failure {
            stage: Stage::Message,
            cause,
        };
        assert!(is_outage(&failure) && !is_worth_another_try(&failure), "{failure:?}");
    }
    for failure in [
        replied(Stage::Connect, 554, "no service"),
        replied(Stage::Authenticate, 535, "5.7.8 wrong"),
        replied(Stage::Sender, 451, "4.3.0 try later"),
        replied(Stage::Recipient, 421, "4.7.0 too many"),
        replied(Stage::Recipient, 452, "4.3.1 out of space"),
        replied(Stage::Recipient, 530, "5.7.0 STARTTLS first"),
        replied(Stage::Data, 451, "local error"),
    ] {
        assert!(is_outage(&failure) && is_worth_another_try(&failure), "{failure:?}");
    }
}

#[test]
fn a_server_that_refuses_one_address_or_one_mail_lives() {
    for failure in [
        replied(Stage::Recipient, 550, "5.1.1 unknown"),
        replied(Stage::Recipient, 550, "5.1.8 sender unknown"),
        replied(Stage::Recipient, 450, "4.2.0 greylisted"),
        replied(Stage::Recipient, 451, "come back"),
        replied(Stage::Recipient, 554, "5.7.1 denied"),
        replied(Stage::Message, 554, "5.7.1 spam"),
        replied(Stage::Message, 552, "5.3.4 too big"),
        replied(Stage::Message, 554, "no"),
        replied(Stage::Data, 452, "4.2.2 over quota"),
    ] {
        assert!(!is_outage(&failure), "{failure:?}");
    }
    let unsupported = Failure {
        stage: Stage::Sender,
        cause: Cause::Unsupported("SMTPUTF8".to_owned()),
    };
    assert!(!is_outage(&unsupported));
}
