//! Binding: bind_* and their responses, outbind (SMPP 3.4 §4.1).

use crate::smpp::field::{Address, COctets, Password};
use crate::smpp::tlv::Tlvs;
use crate::smpp::values::InterfaceVersion;

body! {
    /// bind_transmitter, bind_receiver and bind_transceiver: the same fields (§4.1.1, §4.1.3, §4.1.5).
    Bind {
        /// Who binds.
        system_id: COctets<S, 16>,
        /// Its password.
        password: Password<S>,
        /// The kind of system, for the operator's use.
        system_type: COctets<S, 13>,
        /// The version that the ESME speaks.
        interface_version: InterfaceVersion,
        /// The addresses that it serves: TON, NPI and a range.
        address_range: Address<S, 41>,
    }
}

body! {
    /// The response to any bind: the same fields (§4.1.2, §4.1.4, §4.1.6).
    BindResp {
        /// The SMSC's own id.
        system_id: COctets<S, 16>,
        /// sc_interface_version; absent from many peers (quirk 18).
        tlvs: Tlvs<S>,
    }
}

body! {
    /// outbind: the SMSC asks the ESME to bind as a receiver (§4.1.7).
    Outbind {
        /// The SMSC's id.
        system_id: COctets<S, 16>,
        /// Its password.
        password: Password<S>,
    }
}
