/******************************************************************/
/* Title:       ELIXHAUSER COMORBIDITY SOFTWARE REFINED           */
/*              FOR ICD-10-CM INDEX PROGRAM                       */
/*                                                                */
/* Program:     CMR_Index_Program_v2022-1.SAS: a sample           */
/******************************************************************/
DATA OUT1.&OUT.;
   SET  IN1.&CORE ;

   /* Weights for calculating readmission index */
   rwCBVD         =  0 ;
   rwDEPRESS      =  2 ;
   rwDIAB_CX      =  4 ;
   rwDIAB_UNCX    =  0 ;
   rwHF           =  7 ;
   rwHTN_CX       =  0 ;
   rwHTN_UNCX     =  0 ;
   rwPARALYSIS    =  3 ;

   /* Weights for calculating mortality index */
   mwCBVD         =  5 ;
   mwDEPRESS      = -9 ;
   mwDIAB_CX      = -2 ;
   mwDIAB_UNCX    =  0 ;
   mwHF           = 15 ;
   mwHTN_CX       =  1 ;
   mwHTN_UNCX     =  0 ;
   mwPARALYSIS    =  4 ;
RUN;
